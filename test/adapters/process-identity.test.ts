import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { identifyProcess, isAlive } from '../../src/adapters/process-identity.ts';

/** More than the kernel gives out: pid_max is at most 2^22 (proc(5)). */
const NEVER_A_PID = 4_194_305;

test('this process is alive, and known by its start', () => {
  const us = identifyProcess(process.pid);
  assert.is(us.pid, process.pid);
  assert.match(us.startTicks, /^\d+$/);
  assert.ok(isAlive(us));
});

test('another process that has taken over the pid is not the same', () => {
  const us = identifyProcess(process.pid);
  assert.not.ok(isAlive({ ...us, startTicks: String(Number(us.startTicks) + 1) }));
});

test('where the start is not known, the pid alone must do', () => {
  assert.ok(isAlive({ pid: process.pid, startTicks: '' }));
  assert.not.ok(isAlive({ pid: NEVER_A_PID, startTicks: '' }));
});

test('a pid that is nobody’s has no start and is not alive', () => {
  const nobody = identifyProcess(NEVER_A_PID);
  assert.is(nobody.startTicks, '');
  assert.not.ok(isAlive(nobody));
});

test('what means a group of processes is none', () => {
  for (const pid of [0, -1, -process.pid]) assert.not.ok(isAlive({ pid, startTicks: '' }));
});

test('a process is alive until it has ended', async () => {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const identity = identifyProcess(child.pid ?? 0);
  assert.ok(isAlive(identity));
  child.stdin?.end();
  await once(child, 'exit');
  assert.not.ok(isAlive(identity));
});

test('the name of a process may hold what it likes', async () => {
  const script = 'process.title = "a) b (c) 1 2"; console.log(process.pid); process.stdin.resume()';
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  const identity = identifyProcess(child.pid ?? 0);
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  assert.ok(stat.includes('(a) b (c) 1 2)'));
  assert.is(
    identity.startTicks,
    stat
      .trim()
      .split(' ')
      .at(21 - 52 + stat.trim().split(' ').length),
  );
  child.stdin.end();
  await once(child, 'exit');
});

test('a process that has ended and that nobody collects is not alive', async () => {
  // The shell starts a child, which waits for a line, and becomes a program that never collects it.
  const script = "exec 3<&0; sh -c 'read line <&3' & echo $!; exec tail -f /dev/null";
  const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const read = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  try {
    const [output] = await once(parent.stdout, 'data');
    const child = identifyProcess(Number(String(output)));
    while (read(parent.pid ?? 0, 'comm') !== 'tail\n') await new Promise(setImmediate);
    assert.ok(isAlive(child));
    parent.stdin.write('end\n');
    while (!/\) Z/.test(read(child.pid, 'stat'))) await new Promise(setImmediate);
    assert.not.ok(isAlive(child));
    assert.not.ok(isAlive({ ...child, startTicks: '' }));
  } finally {
    parent.kill();
    await once(parent, 'exit');
  }
});

test.run();
