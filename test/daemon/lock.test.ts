import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { identifyProcess } from '../../src/adapters/process-identity.ts';
import { takeLock } from '../../src/daemon/lock.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { fillDisk, onSmallDisk } from '../fakes/small-disk.ts';

const dir = mkdtempSync(join(tmpdir(), 'lock-'));
const path = join(dir, 'daemon.pid');
const us = identifyProcess(process.pid);
/** More than the kernel gives out: pid_max is at most 2^22 (proc(5)). */
const NEVER_A_PID = 4_194_305;

function isHeldBy(pid: number) {
  return (error: unknown) =>
    error instanceof DagentError && error.code === 'E_DAEMON_RUNNING' && error.values.pid === pid;
}

/** Takes the lock and gives it back; nothing is left of it then. */
function takeAndRelease(): void {
  const release = takeLock(path, 'web1');
  assert.is(readlinkSync(path), `${us.pid} ${us.startTicks}`);
  release();
  assert.equal(readdirSync(dir), []);
}

test('a lock that nobody holds is taken, and given back', () => {
  takeAndRelease();
  takeAndRelease();
});

test('a lock that is held is refused, with the name and the pid of who holds it', () => {
  const release = takeLock(path, 'web1');
  assert.throws(() => takeLock(path, 'web1'), isHeldBy(process.pid));
  assert.throws(() => takeLock(path, 'web1'), /a daemon named web1 is running already \(pid \d+\)/);
  assert.equal(readdirSync(dir), ['daemon.pid']);
  release();
});

test('a lock of another process that lives is refused, and stays', () => {
  const { ppid } = process;
  const { startTicks } = identifyProcess(ppid);
  symlinkSync(`${ppid} ${startTicks}`, path);
  assert.throws(() => takeLock(path, 'web1'), isHeldBy(ppid));
  assert.is(readlinkSync(path), `${ppid} ${startTicks}`);
  rmSync(path);
});

test('so is the file that a daemon of an older version holds', () => {
  const { ppid } = process;
  const { startTicks } = identifyProcess(ppid);
  writeFileSync(path, `${ppid} ${startTicks}\n`);
  assert.throws(() => takeLock(path, 'web1'), isHeldBy(ppid));
  assert.is(readFileSync(path, 'utf8'), `${ppid} ${startTicks}\n`);
  rmSync(path);
});

const STALE: Readonly<Record<string, string>> = {
  'of a process that is dead': `${NEVER_A_PID} 123\n`,
  'of a process whose pid another one has now': `${process.ppid} 1\n`,
  'that is empty, as a full disk leaves it': '',
  'that makes no sense': 'who knows\n',
  'that names a group of processes': '-1 5\n',
  'that names nobody': '0 \n',
};

for (const [title, text] of Object.entries(STALE)) {
  test(`a lock ${title} is taken over`, () => {
    writeFileSync(path, text);
    takeAndRelease();
    // An empty link cannot be.
    symlinkSync(text.trim() || '?', path);
    takeAndRelease();
  });
}

test('a daemon that died while it took over a stale lock is no obstacle either', () => {
  writeFileSync(path, `${NEVER_A_PID} 123\n`);
  writeFileSync(`${path}.stale`, `${NEVER_A_PID} 124\n`);
  takeAndRelease();
});

test('a lock is taken on a disk without a free block, and a stale one there taken over', () =>
  onSmallDisk('64k', (directory) => {
    fillDisk(directory);
    const full = join(directory, 'daemon.pid');
    symlinkSync(`${NEVER_A_PID} 123`, full);
    const release = takeLock(full, 'web1');
    assert.throws(() => takeLock(full, 'web1'), isHeldBy(process.pid));
    release();
    takeLock(full, 'web1')();
    assert.equal(readdirSync(directory), ['ballast']);
  }));

test('a lock whose directory is missing says so', () => {
  assert.throws(
    () => takeLock(join(dir, 'nowhere', 'daemon.pid'), 'web1'),
    (error: DagentError) => error.code === 'E_CANNOT_WRITE',
  );
});

test('giving back a lock that was removed meanwhile harms nobody', () => {
  const release = takeLock(path, 'web1');
  rmSync(path);
  release();
  assert.not.ok(existsSync(path));
});

test('of many processes that find a stale lock exactly one gets it', async () => {
  writeFileSync(path, `${NEVER_A_PID} 123\n`);
  const lock = new URL('../../src/daemon/lock.ts', import.meta.url).href;
  // Who wins holds on until all have tried: it lives as long as its stdin.
  const script = `
    import { takeLock } from ${JSON.stringify(lock)};
    process.stdin.resume();
    try { takeLock(${JSON.stringify(path)}, 'web1'); console.log('won'); }
    catch (error) { console.log(error.code); }`;
  const racers = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const words = await Promise.all(
    racers.map(async ({ stdout }) => {
      const [word] = await once(stdout, 'data');
      return String(word).trim();
    }),
  );
  for (const { stdin } of racers) stdin.end();
  await Promise.all(racers.map((racer) => once(racer, 'exit')));
  rmSync(path);
  assert.equal(words.sort(), [...Array(5).fill('E_DAEMON_RUNNING'), 'won']);
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
