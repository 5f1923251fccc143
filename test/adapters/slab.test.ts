import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSlab } from '../../src/adapters/slab.ts';

const root = mkdtempSync(join(tmpdir(), 'slab-'));
const HASH = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

test('blocks lie in their slots, and are known again after a restart', async () => {
  const path = join(root, 'first', 'blocks');
  const slab = await openSlab(path, 100);
  assert.equal(slab.left, []);
  await slab.write(2, HASH, Buffer.from('short'));
  await slab.write(0, OTHER, Buffer.alloc(100, 1));
  assert.is((await slab.read(2, 5)).toString(), 'short');
  await slab.close();
  const again = await openSlab(path, 100);
  assert.equal(again.left, [
    { hash: OTHER, slot: 0, bytes: 100 },
    { hash: HASH, slot: 2, bytes: 5 },
  ]);
  assert.is((await again.read(2, 5)).toString(), 'short');
  await again.close();
});

test('a slot that is written again holds the new block', async () => {
  const slab = await openSlab(join(root, 'blocks'), 100);
  await slab.write(1, HASH, Buffer.from('first'));
  await slab.write(1, OTHER, Buffer.from('second'));
  await slab.close();
  const again = await openSlab(join(root, 'blocks'), 100);
  assert.equal(again.left, [{ hash: OTHER, slot: 1, bytes: 6 }]);
  await again.close();
});

test('thrown away, it takes no room', async () => {
  const path = join(root, 'full');
  const slab = await openSlab(path, 100);
  await slab.write(9, HASH, Buffer.alloc(100));
  assert.is(statSync(path).size, 1_000);
  await slab.clear();
  assert.is(statSync(path).size, 0);
  await slab.close();
  const again = await openSlab(path, 100);
  assert.equal(again.left, []);
  await again.close();
});

test('an index that was torn off says what it still knows', async () => {
  const path = join(root, 'torn');
  const slab = await openSlab(path, 100);
  await slab.write(0, HASH, Buffer.from('a'));
  await slab.write(1, OTHER, Buffer.from('b'));
  await slab.close();
  truncateSync(`${path}.index`, 50);
  truncateSync(path, 0);
  const again = await openSlab(path, 100);
  assert.equal(again.left, [{ hash: HASH, slot: 0, bytes: 1 }]);
  assert.is((await again.read(0, 1)).length, 0, 'who reads sees that it is not there');
  await again.close();
});

test('where it cannot be, opening it fails', async () => {
  writeFileSync(join(root, 'file'), '');
  let code: unknown;
  await openSlab(join(root, 'file', 'blocks'), 100).catch((error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  assert.is(code, 'E_CANNOT_WRITE');
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
