import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  countSession,
  killGroup,
  ProcessGroups,
  signalSession,
} from '../../src/adapters/process-groups.ts';
import { until } from '../e2e/poll.ts';

test('the processes of a group are counted, those that have ended are not', async () => {
  const words = 'sleep 60 & sleep 60 & true & wait $!; echo begun; wait';
  const child = spawn('sh', ['-c', words], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = child.pid ?? 0;
  try {
    await once(child.stdout, 'data');
    assert.is(new ProcessGroups().count(pid), 3);
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
  await once(child, 'close');
  // Its pipes are closed a moment before it is gone.
  await until('none is left', () => new ProcessGroups().count(pid) === 0);
});

test('what is asked for at the same moment costs one look, and later another one', async () => {
  const groups = new ProcessGroups();
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const pid = child.pid ?? 0;
  await once(child, 'spawn');
  assert.is(groups.count(pid), 1);
  process.kill(-pid, 'SIGKILL');
  // The look of a moment ago stands until this moment is over.
  assert.is(groups.count(pid), 1);
  await once(child, 'exit');
  // It may have ended within the same moment.
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(groups.count(pid), 0);
});

test('all groups of a session are counted and signalled', async () => {
  const words = 'set -m; sleep 60 & sleep 60 & echo begun; wait';
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const child = spawn('bash', ['-c', words], { detached: true, stdio: [...stdio] });
  const pid = child.pid ?? 0;
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  assert.is(new ProcessGroups().count(pid), 1);
  assert.is(countSession(pid), 3);
  assert.ok(signalSession(pid, 'SIGKILL'));
  await once(child, 'close');
  assert.not.ok(signalSession(pid, 'SIGKILL'));
});

test('what sudo has made of a command is signalled by sudo, as whoever it is', async () => {
  const bin = mkdtempSync(join(tmpdir(), 'bin-'));
  const log = join(bin, 'log');
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\necho "$*" >${log}.new && mv ${log}.new ${log}\n`);
  chmodSync(join(bin, 'sudo'), 0o755);
  const deaf = 'trap "" TERM; echo begun; sleep 60';
  const child = spawn('sh', ['-c', deaf], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  const { PATH } = process.env;
  process.env.PATH = `${bin}:${PATH}`;
  const ours = process.getuid?.() ?? 0;
  // As if we were somebody else: what we have started is another's then.
  const ended = once(child, 'exit');
  for (const name of ['TERM', 'KILL']) {
    assert.ok(killGroup(pid, `SIG${name}` as NodeJS.Signals, ours + 1));
    const said = await until('sudo was asked', () => existsSync(log) && readFileSync(log, 'utf8'));
    assert.is(said, `-n -u #${ours} -- kill -s ${name} -- -${pid}\n`);
    rmSync(log);
  }
  process.env.PATH = PATH;
  await ended;
  rmSync(bin, { recursive: true });
});

test.run();
