import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countSession, ProcessGroups, signalSession } from '../../src/adapters/process-groups.ts';

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
  assert.is(new ProcessGroups().count(pid), 0);
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

test.run();
