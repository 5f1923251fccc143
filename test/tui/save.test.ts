import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { saveText } from '../../src/tui/save.ts';

const directory = mkdtempSync(join(tmpdir(), 'save-'));
test.after(() => rmSync(directory, { recursive: true }));

test('a text becomes a file of its own, for its owner only', async () => {
  const path = join(directory, 'new');
  assert.is(await saveText(path, 'a\nb\n'), path);
  assert.is(readFileSync(path, 'utf8'), 'a\nb\n');
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test('what is there is left alone', async () => {
  const path = join(directory, 'old');
  await saveText(path, 'first');
  const thrown = await saveText(path, 'second').catch((error) => error);
  assert.is(thrown.code, 'E_CANNOT_WRITE');
  assert.match(thrown.message, 'there is such a file already');
  assert.is(readFileSync(path, 'utf8'), 'first');
});

test('a directory that is not there is an error', async () => {
  const thrown = await saveText(join(directory, 'none', 'x'), '').catch((error) => error);
  assert.is(thrown.code, 'E_CANNOT_WRITE');
});

test.run();
