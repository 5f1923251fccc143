import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKeptValue } from '../../src/adapters/kept-value.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

const test = suite('a kept value');
const dir = mkdtempSync(join(tmpdir(), 'kept-'));
const path = join(dir, 'value.json');
test.after(() => rmSync(dir, { recursive: true, force: true }));

function codeOf(error: unknown): string {
  return (error as DagentError).code;
}

test('it is what was written last, and nothing else lies beside it', async () => {
  const kept = openKeptValue(path);
  assert.is(kept.read(), undefined);
  await kept.write({ a: 1 });
  await kept.write({ a: 2 });
  assert.equal(openKeptValue(path).read(), { a: 2 });
  assert.equal(readdirSync(dir), ['value.json']);
});

test('what cannot be read is told, and can be set aside', async () => {
  writeFileSync(path, '{"a":');
  const kept = openKeptValue(path);
  assert.throws(
    () => kept.read(),
    (error: unknown) => codeOf(error) === 'E_STATE_BROKEN',
  );
  assert.is(kept.setAside(), `${path}.broken`);
  assert.ok(existsSync(`${path}.broken`));
  assert.is(kept.read(), undefined);
});

test('what the disk refuses leaves the former value', async () => {
  const kept = openKeptValue(path);
  await kept.write({ a: 3 });
  const gone = openKeptValue(join(dir, 'no', 'value.json'));
  const code = await gone.write(1).then(() => 'ok', codeOf);
  assert.is(code, 'E_CANNOT_WRITE');
  if (process.getuid?.() === 0) return;
  chmodSync(dir, 0o500);
  assert.is(await kept.write({ a: 4 }).then(() => 'ok', codeOf), 'E_CANNOT_WRITE');
  chmodSync(dir, 0o700);
  assert.equal(kept.read(), { a: 3 });
});

test.run();
