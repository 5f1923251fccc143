import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeDirectory } from '../../src/adapters/files.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

const dir = mkdtempSync(join(tmpdir(), 'files-'));
test.after(() => rmSync(dir, { recursive: true }));

function cannotWrite({ code }: DagentError): boolean {
  return code === 'E_CANNOT_WRITE';
}

test('a directory is made with those above it, once', () => {
  const path = join(dir, 'a/b/c');
  for (let time = 0; time < 2; time++) makeDirectory(path);
  assert.is(statSync(path).mode & 0o777, 0o700);
  assert.is(statSync(join(dir, 'a')).mode & 0o777, 0o700);
});

test('where none can be it is said at once', () => {
  writeFileSync(join(dir, 'file'), '');
  const places = ['/proc/no-such', '/proc/no/such', join(dir, 'file'), join(dir, 'file/below')];
  for (const path of places) assert.throws(() => makeDirectory(path), cannotWrite);
});

test.run();
