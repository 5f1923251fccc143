import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommandLedger } from '../../src/adapters/command-ledger.ts';
import { endLeftovers } from '../../src/daemon/leftovers.ts';
import { EXEC_GRACE_MS } from '../../src/protocol/limits.ts';
import { FakeClock } from '../fakes/clock.ts';

const dir = mkdtempSync(join(tmpdir(), 'leftovers-'));
const path = join(dir, 'commands');
test.after(() => rmSync(dir, { recursive: true, force: true }));

const ID = '0123456789abcdef0123';

/** A command below a daemon that is killed now; it says when it is ready. */
async function leave(line: string): Promise<ChildProcess> {
  const env = { ...process.env, DAGENT_JOB_ID: ID, DAGENT_TARGET: 'web1' };
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const child = spawn('sh', ['-c', line], { detached: true, env, stdio: [...stdio] });
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  new CommandLedger(path, 'boot').add(child.pid ?? 0, ID);
  return child;
}

/** Ends what is left, as a daemon that has just started. */
function end(clock: FakeClock): { readonly ledger: CommandLedger; readonly told: unknown[] } {
  const ledger = new CommandLedger(path, 'boot');
  const told: unknown[] = [];
  const ignore = (): void => undefined;
  const warn = (_: string, fields?: object): unknown => told.push(fields);
  endLeftovers(ledger, {
    clock,
    log: { debug: ignore, info: ignore, error: ignore, warn },
    node: 'web1',
  });
  return { ledger, told };
}

test('what is left is told to end, with all that it has started, and this is told', async () => {
  const child = await leave('sleep 60 & echo; wait');
  const clock = new FakeClock();
  const { told } = end(clock);
  const [, signal] = await once(child, 'close');
  assert.is(signal, 'SIGTERM');
  assert.equal(told, [{ pids: [child.pid] }]);
  clock.advance(EXEC_GRACE_MS);
  assert.equal(new CommandLedger(path, 'boot').left, []);
});

test('what it has started outside of its group is told to end as well', async () => {
  const child = await leave('setsid sleep 60 & echo; wait');
  const clock = new FakeClock();
  end(clock);
  // The pipe is closed when nobody is left who has it.
  const [, signal] = await once(child, 'close');
  assert.is(signal, 'SIGTERM');
  clock.advance(EXEC_GRACE_MS);
});

test('what does not heed that is killed after the grace', async () => {
  const child = await leave("trap '' TERM; echo; while :; do sleep 60; done");
  const clock = new FakeClock();
  end(clock);
  assert.is(new CommandLedger(path, 'boot').left.length, 1, 'it is known until it is gone');
  clock.advance(EXEC_GRACE_MS);
  const [, signal] = await once(child, 'close');
  assert.is(signal, 'SIGKILL');
});

test('whoever has the pid of one that has ended is left alone', async () => {
  const child = await leave('echo; exec sleep 60');
  const ledger = new CommandLedger(path, 'boot');
  const [entry] = ledger.left;
  Object.assign(entry ?? {}, { startTicks: '1' });
  const clock = new FakeClock();
  const ignore = (): void => undefined;
  const log = { debug: ignore, info: ignore, error: ignore, warn: ignore };
  endLeftovers(ledger, { clock, log, node: 'web1' });
  assert.is(clock.timerCount, 0);
  assert.is(child.exitCode ?? child.signalCode, null);
  child.kill('SIGKILL');
  await once(child, 'close');
});

test.run();
