import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runShell } from '../../src/adapters/shell.ts';

const MIB = 1_048_576;
const { env } = process;
const EMPTY = Buffer.alloc(0);

test('a command has its input, and its output and status come back', async () => {
  const { status, output } = await runShell('tr a-z A-Z; exit 3', Buffer.from('hello'), env, MIB);
  assert.is(status, 3);
  assert.is(output.toString(), 'HELLO');
});

test('a command has the environment that it is given', async () => {
  const given = { PATH: env.PATH, DAGENT_FROM: 'web1:office' };
  const { output } = await runShell('echo "$DAGENT_FROM"', EMPTY, given, MIB);
  assert.is(output.toString(), 'web1:office\n');
});

test('a command need not read its input', async () => {
  const { status } = await runShell('exec 0<&-; true', Buffer.alloc(4 * MIB), env, MIB);
  assert.is(status, 0);
});

test('who is killed has no status of its own', async () => {
  assert.is((await runShell('kill -9 $$', EMPTY, env, MIB)).status, 128);
});

test('a command that never stops writing is stopped', async () => {
  for (const command of ['exec yes', 'yes; true', 'yes | cat']) {
    const { output } = await runShell(command, EMPTY, env, MIB);
    assert.ok(output.length > MIB && output.length < 2 * MIB);
  }
});

test('what no process can be started with is an error, and no more than that', async () => {
  const thrown = await runShell('true', EMPTY, { A: 'a\0b' }, MIB).catch((error) => error);
  assert.instance(thrown, Error);
});

test.run();
