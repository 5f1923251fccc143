import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runShell, type ShellRequest, type ShellResult } from '../../src/adapters/shell.ts';
import { until } from '../e2e/poll.ts';

const MIB = 1_048_576;
const { env } = process;
const EMPTY = Buffer.alloc(0);

function run(command: string, more: Partial<ShellRequest> = {}): Promise<ShellResult> {
  return runShell({ command, input: EMPTY, env, outputBytesMax: MIB, ...more });
}

test('a command has its input, and its output and status come back', async () => {
  const { status, output } = await run('tr a-z A-Z; exit 3', { input: Buffer.from('hello') });
  assert.is(status, 3);
  assert.is(output.toString(), 'HELLO');
});

test('a command has the environment that it is given', async () => {
  const given = { PATH: env.PATH, DAGENT_FROM: 'web1:office' };
  const { output } = await run('echo "$DAGENT_FROM"', { env: given });
  assert.is(output.toString(), 'web1:office\n');
});

test('a command need not read its input', async () => {
  const { status } = await run('exec 0<&-; true', { input: Buffer.alloc(4 * MIB) });
  assert.is(status, 0);
});

test('who is killed has no status of its own', async () => {
  assert.is((await run('kill -9 $$')).status, 128);
});

test('a command that never stops writing is stopped', async () => {
  for (const command of ['exec yes', 'yes; true', 'yes | cat']) {
    const { output } = await run(command);
    assert.ok(output.length > MIB && output.length < 2 * MIB);
  }
});

test('what no process can be started with is an error, and no more than that', async () => {
  const thrown = await run('true', { env: { A: 'a\0b' } }).catch((error) => error);
  assert.instance(thrown, Error);
});

/** Starts a command that writes the pid of what it leaves running, and ends it then. */
async function endWhenBegun(command: string, graceMs?: number) {
  const dir = mkdtempSync(join(tmpdir(), 'shell-'));
  const file = join(dir, 'pid');
  const ending = new AbortController();
  const running = run(command, { env: { ...env, FILE: file }, signal: ending.signal, graceMs });
  const pid = await until('it has begun', () => existsSync(file) && readFileSync(file, 'utf8'));
  ending.abort();
  const { status } = await running;
  rmSync(dir, { recursive: true });
  return { status, pid: Number(pid) };
}

const SAY = 'echo $! > $FILE.new; mv $FILE.new $FILE';

test('who is told to end has its whole group ended', async () => {
  const { status, pid } = await endWhenBegun(`sleep 60 & ${SAY}; wait; echo late`);
  assert.is(status, 128);
  await until('what it has started has ended', () => !existsSync(`/proc/${pid}`));
});

test('who does not listen to TERM is ended by KILL after the grace', async () => {
  const { status, pid } = await endWhenBegun(`trap '' TERM; sleep 60 & ${SAY}; wait`, 20);
  assert.is(status, 128);
  await until('what it has started has ended', () => !existsSync(`/proc/${pid}`));
});

test('who is told to end can end by itself, with its status', async () => {
  const { status } = await endWhenBegun(`trap 'exit 9' TERM; sleep 60 & ${SAY}; wait`);
  assert.is(status, 9);
});

test('what has left the group and holds the output is not waited for', async () => {
  const { status, pid } = await endWhenBegun(`setsid sleep 60 & ${SAY}; wait`);
  assert.is(status, 128);
  process.kill(pid, 'SIGKILL');
});

test.run();
