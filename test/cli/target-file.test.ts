import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTargetList, readTargetFile } from '../../src/cli/target-file.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { TARGETS_FILE_BYTES_MAX } from '../../src/protocol/limits.ts';
import { formatSelector } from '../../src/protocol/selector.ts';

const read = (text: string, isNamesOnly = false): string =>
  formatSelector(parseTargetList(text, 'hosts', isNamesOnly));

function faultOf(text: string, isNamesOnly = false): string {
  try {
    return read(text, isNamesOnly);
  } catch (error) {
    assert.instance(error, DagentError);
    assert.is((error as DagentError).code, 'E_SELECTOR');
    return String((error as DagentError).values.reason);
  }
}

test('a line is a name or an expression; comments and empty lines are none', () => {
  const text = '# our hosts\nweb1\n\n  web[2-3] # two more\nsite=oslo and role=leaf\nand\n';
  assert.is(read(text), '((name=and,web[1-3]),(site=oslo and role=leaf))');
  assert.is(read(''), '(not *)');
});

test('a line that is wrong is named', () => {
  assert.match(faultOf('web1\nweb[\n'), /not closed \(line 2 of hosts\)/);
});

test('through a pipe come names only', () => {
  assert.is(read('web1\nweb[2-3],db1\n', true), '(db1,web[1-3])');
  for (const text of ['*', 'web*', 'not web1', 'role=leaf', '@last']) {
    assert.match(faultOf(`web1\n${text}\n`, true), /only names .*\(line 2 of hosts\)/);
  }
});

test('records of our commands name their node, each once', () => {
  const records = [
    { v: 1, type: 'start', target: 'web1', seq: 0 },
    { v: 1, type: 'result', target: 'web1', seq: 1, verdict: 'ok' },
    { node: 'web2', kernel: {} },
    { name: 'web3', state: 'up' },
    { v: 1, type: 'summary', target: 'web*', targets: 3 },
  ];
  const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  assert.is(read(lines, true), '(web[1-3])');
});

test('jq may have made texts or many lines of them, or a list', () => {
  assert.is(read('"web1"\n"web2"\n', true), '(web[1-2])');
  const pretty = [{ target: 'web1', data: 'a "}" b\\' }, { node: 'web2' }];
  assert.is(read(pretty.map((it) => JSON.stringify(it, null, 2)).join('\n'), true), '(web[1-2])');
  assert.is(read(JSON.stringify(pretty, null, 2), true), '(web[1-2])');
});

test('what names no node is an error', () => {
  for (const text of ['{"verdict":"ok"}', '"a b"', '{"target":"*"}', '[null]', '["web1", 7]']) {
    assert.match(faultOf(text), /names no node/, text);
  }
  for (const text of ['{"target"', '{"target":"web1"} x', '["a"']) {
    assert.match(faultOf(text), /no JSON/, text);
  }
});

test('a file is read up to its bound', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'targets-'));
  const path = join(dir, 'hosts');
  writeFileSync(path, 'web1\n');
  assert.is(formatSelector(await readTargetFile(path)), '(web1)');
  writeFileSync(path, '#'.repeat(TARGETS_FILE_BYTES_MAX + 1));
  const tooLong = await readTargetFile(path).catch((error: unknown) => error);
  assert.is((tooLong as DagentError).code, 'E_TOO_LARGE');
  const missing = await readTargetFile(join(dir, 'none')).catch((error: unknown) => error);
  assert.is((missing as DagentError).code, 'E_USAGE');
  rmSync(dir, { recursive: true });
});

test.run();
