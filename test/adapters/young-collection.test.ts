import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createYoungCollection } from '../../src/adapters/young-collection.ts';

const PIECE_BYTES = 65_536;
/** Less than V8 itself would collect for. */
const PIECE_COUNT = 64;
const TURNS_MAX = 100_000;

function bytesOutside(): number {
  return process.memoryUsage().arrayBuffers;
}

function fill(): Buffer[] {
  return Array.from({ length: PIECE_COUNT }, () => Buffer.allocUnsafeSlow(PIECE_BYTES));
}

test('what is young and has no use any more is gone after a collection', async () => {
  const collectYoung = createYoungCollection();
  const before = bytesOutside();
  fill();
  assert.ok(bytesOutside() >= before + PIECE_COUNT * PIECE_BYTES, 'it was not collected before');
  collectYoung();
  // The memory is given back by another thread.
  for (let turn = 0; bytesOutside() > before + PIECE_BYTES && turn < TURNS_MAX; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assert.ok(bytesOutside() <= before + PIECE_BYTES, `${bytesOutside() - before} bytes are left`);
});

test('what is in use survives a collection', () => {
  const collectYoung = createYoungCollection();
  const used = fill();
  for (const piece of used) piece.fill('x');
  collectYoung();
  for (const piece of used) assert.ok(piece.equals(Buffer.alloc(PIECE_BYTES, 'x')));
});

test.run();
