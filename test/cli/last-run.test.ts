import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryPathOf, resolveHome } from '../../src/adapters/home.ts';
import { packRun, recallRun, rememberRun } from '../../src/cli/last-run.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import type { Verdict } from '../../src/protocol/exec.ts';
import { LAST_RUN_BYTES_MAX } from '../../src/protocol/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'last-'));
const path = memoryPathOf(resolveHome(dir, {}), 'last-run');
test.after(() => rmSync(dir, { recursive: true }));

const end = (target: string, verdict: Verdict) => ({ target, verdict });

function codeOf(verdict: string): string {
  try {
    return recallRun(dir, verdict).join();
  } catch (error) {
    return (error as DagentError).code;
  }
}

test('without a run there is none', () => {
  assert.is(codeOf(''), 'E_NO_LAST_RUN');
});

test('a run is remembered by how it ended for each', () => {
  const results = [end('web1', 'ok'), end('web2', 'failed'), end('and', 'timeout')];
  rememberRun(dir, [...results, end('web3', 'ok')]);
  assert.equal(recallRun(dir, '').sort(), ['and', 'web1', 'web2', 'web3']);
  assert.equal(recallRun(dir, 'ok'), ['web1', 'web3']);
  assert.equal(recallRun(dir, 'failed'), ['web2', 'and']);
  assert.equal(recallRun(dir, 'timeout'), ['and']);
  assert.equal(recallRun(dir, 'lost'), []);
});

test('the next one takes its place, for its owner only, and leaves nothing beside it', () => {
  rememberRun(dir, [end('db1', 'ok')]);
  assert.equal(recallRun(dir, ''), ['db1']);
  assert.is(statSync(path).mode & 0o777, 0o600);
  assert.equal(readdirSync(join(dir, 'data')), ['.last-run.json']);
});

test('a run that is too long is not remembered, nor is the one before it', () => {
  const letters = (number: number) =>
    [...String(number)].map((digit) => 'abcdefghij'.charAt(Number(digit))).join('');
  const count = Math.ceil(LAST_RUN_BYTES_MAX / 63);
  const odd = Array.from({ length: count }, (_, at) => end(letters(at).padEnd(63, 'y'), 'ok'));
  assert.is(packRun(odd), undefined);
  assert.ok(packRun(odd.slice(0, count / 2)) !== undefined);
  rememberRun(dir, odd);
  assert.is(codeOf(''), 'E_NO_LAST_RUN');
});

test('what somebody else has written there is not believed', () => {
  writeFileSync(path, '{');
  assert.is(codeOf(''), 'E_STATE_BROKEN');
  for (const text of ['7', 'null', '{"ends":7}', '[]']) {
    writeFileSync(path, text);
    assert.is(codeOf(''), 'E_NO_LAST_RUN');
  }
  writeFileSync(path, '{"ends":{"ok":7,"failed":"web1","odd":"web2"}}');
  assert.is(codeOf(''), 'web1');
  writeFileSync(path, '{"ends":{"ok":"*"}}');
  assert.is(codeOf(''), 'E_SELECTOR');
});

test('a home that cannot be written in has no memory, and fails nobody', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  rememberRun(join(file, 'below'), [end('web1', 'ok')]);
});

test.run();
