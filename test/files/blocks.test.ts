import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  blockBytes,
  buildTree,
  countBlocks,
  cutBlock,
  HASH_BYTES,
  hashOf,
} from '../../src/files/blocks.ts';
import { FILE_BLOCK_BYTES, FILE_BYTES_MAX } from '../../src/protocol/limits.ts';

const HASHES = FILE_BLOCK_BYTES / HASH_BYTES;

test('a block is named by its SHA-256', () => {
  const bytes = Buffer.from('some bytes');
  assert.is(hashOf(bytes), createHash('sha256').update(bytes).digest('hex'));
});

test('a content has one block at the top, and its bytes are those of its blocks', () => {
  const sizes = fc.oneof(
    fc.integer({ min: 0, max: 3 * FILE_BLOCK_BYTES }),
    fc.integer({ min: 0, max: FILE_BYTES_MAX }),
    fc.constantFrom(0, 1, FILE_BLOCK_BYTES, FILE_BLOCK_BYTES + 1, FILE_BLOCK_BYTES * HASHES),
  );
  fc.assert(
    fc.property(sizes, (size) => {
      const counts = countBlocks(size);
      assert.is(counts.at(-1), 1);
      counts.forEach((count, level) => {
        const wanted = level === 0 ? size : (counts[level - 1] ?? 0) * HASH_BYTES;
        const last = blockBytes(size, level, count - 1);
        assert.is((count - 1) * FILE_BLOCK_BYTES + last, wanted);
        assert.is(blockBytes(size, level, count), 0);
      });
    }),
  );
});

test('the largest file that is copied has three levels', () => {
  assert.equal(countBlocks(FILE_BYTES_MAX), [131_072, 8, 1]);
  assert.equal(countBlocks(FILE_BLOCK_BYTES * HASHES + 1), [HASHES + 1, 2, 1]);
});

test('a content of one block is named by the hash of that block', () => {
  const hash = hashOf(Buffer.from('one'));
  assert.equal(buildTree(Buffer.from(hash, 'hex')), { hash, levels: [] });
});

test('each level holds the hashes of the one below', () => {
  const leaves = Array.from({ length: HASHES + 2 }, (_, index) => hashOf(Buffer.from([index])));
  const { hash, levels } = buildTree(Buffer.from(leaves.join(''), 'hex'));
  const [first, second] = levels;
  assert.is(levels.length, 2);
  assert.is(first?.toString('hex'), leaves.join(''));
  assert.is(first && second?.toString('hex', HASH_BYTES), first && hashOf(cutBlock(first, 1)));
  assert.is(second && hashOf(second), hash);
});

test('one byte changes the name of the whole', () => {
  const leaves = Buffer.alloc(5 * HASH_BYTES, 7);
  const before = buildTree(leaves).hash;
  leaves[100] = 8;
  assert.is.not(buildTree(leaves).hash, before);
});

test.run();
