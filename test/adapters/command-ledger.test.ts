import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommandLedger, notedSpawner } from '../../src/adapters/command-ledger.ts';
import { identifyProcess } from '../../src/adapters/process-identity.ts';
import type { Spawner } from '../../src/ports/spawner.ts';
import { fillDisk, onSmallDisk } from '../fakes/small-disk.ts';
import { FakeSpawner } from '../fakes/spawner.ts';
import { ID } from '../services/jobs-bench.ts';

const dir = mkdtempSync(join(tmpdir(), 'ledger-'));
const path = join(dir, 'commands');
const OURS = identifyProcess(process.pid);
test.after(() => rmSync(dir, { recursive: true, force: true }));
test.before.each(() => rmSync(path, { force: true }));

/** What a daemon finds that is started now. */
function found(boot = 'boot'): unknown[] {
  return new CommandLedger(path, boot).left.map(({ pid, startTicks }) => ({ pid, startTicks }));
}

test('the next daemon finds what ran when one was killed, and not what had ended', () => {
  const ledger = new CommandLedger(path, 'boot');
  assert.equal(ledger.left, []);
  const slot = ledger.add(process.ppid);
  ledger.add(process.pid);
  ledger.remove(slot);
  assert.equal(found(), [OURS]);
  assert.equal(found(), [OURS], 'until it is removed, also by the one after');
});

test('what is found can be removed, and is not found again', () => {
  new CommandLedger(path, 'boot').add(process.pid);
  const next = new CommandLedger(path, 'boot');
  for (const { slot } of next.left) next.remove(slot);
  assert.equal(found(), []);
});

test('new commands do not stand in the place of those that are left', () => {
  new CommandLedger(path, 'boot').add(process.pid);
  const next = new CommandLedger(path, 'boot');
  next.add(process.ppid);
  assert.is(found().length, 2);
});

test('pids of another run of the kernel mean nothing', () => {
  new CommandLedger(path, 'boot').add(process.pid);
  assert.equal(found('another'), []);
});

test('on a disk that had no room at first, a command is found once it has some', () =>
  onSmallDisk('64k', (directory) => {
    const ballast = fillDisk(directory);
    const full = join(directory, 'commands');
    const ledger = new CommandLedger(full, 'boot');
    ledger.add(process.ppid);
    rmSync(ballast);
    ledger.add(process.pid);
    const { left } = new CommandLedger(full, 'boot');
    assert.equal(
      left.map(({ pid }) => pid),
      [process.pid],
    );
  }));

test('places are used again: the file is as long as most commands at once', () => {
  const ledger = new CommandLedger(path, 'boot');
  for (let time = 0; time < 1_000; time++) ledger.remove(ledger.add(process.pid));
  assert.is(readFileSync(path).length, 2 * 64);
});

test('a daemon that stops leaves no file, but for those that it could not end', () => {
  const ledger = new CommandLedger(path, 'boot');
  const slot = ledger.add(process.pid);
  ledger.close();
  assert.ok(existsSync(path));
  const next = new CommandLedger(path, 'boot');
  next.remove(next.left[0]?.slot ?? slot);
  next.close();
  assert.not(existsSync(path));
});

test('what is no ledger is written anew', () => {
  const ledger = new CommandLedger(path, 'boot');
  ledger.add(process.pid);
  rmSync(path);
  assert.equal(found(), []);
});

test('a spawner notes what it starts until that has ended, and none that never ran', async () => {
  const ledger = new CommandLedger(path, 'boot');
  const inner = new FakeSpawner();
  const spawner = notedSpawner(inner, ledger);
  const ended: (number | null)[] = [];
  const refused: string[] = [];
  const nothing = (): void => undefined;
  const handlers = {
    ...{ onStart: nothing, onOutput: nothing, onStdinDrain: nothing },
    onExit: (code: number | null): unknown => ended.push(code),
    onNotStarted: (reason: string): unknown => refused.push(reason),
  };
  const request = { argv: ['work'], env: {}, cwd: '/' };
  spawner.spawn(request, handlers);
  inner.last.exit(3);
  assert.equal(ended, [3]);
  inner.refusal = 'no such program';
  spawner.spawn(request, handlers);
  await Promise.resolve();
  assert.equal(refused, ['no such program']);
  ledger.close();
  assert.not(existsSync(path), 'nothing stands in it');
});

test('the id of a job is found again, but for a terminal, or when it is none', () => {
  const ledger = new CommandLedger(path, 'boot');
  const fake = new FakeSpawner();
  // A process that there is.
  const inner: Spawner = {
    spawn: (request, handlers) =>
      Object.assign(fake.spawn(request, handlers), { pid: process.pid }),
  };
  const spawner = notedSpawner(inner, ledger);
  const nothing = (): void => undefined;
  const handlers = {
    ...{ onStart: nothing, onOutput: nothing, onStdinDrain: nothing },
    ...{ onExit: nothing, onNotStarted: nothing },
  };
  const env = { DAGENT_JOB_ID: ID };
  const terminal = { columns: 80, rows: 24 };
  const wishes = [{ env }, { env, terminal }, { env: { DAGENT_JOB_ID: 'nightly' } }, { env: {} }];
  for (const wish of wishes) spawner.spawn({ argv: ['work'], cwd: '/', ...wish }, handlers);
  const { left } = new CommandLedger(path, 'boot');
  assert.equal(
    left.map(({ job }) => job),
    [ID, undefined, undefined, undefined],
  );
});

test.run();
