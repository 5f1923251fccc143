import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Journal } from '../../src/adapters/journal.ts';
import {
  BLOCK_BYTES,
  encodeFrame,
  findFrames,
  frameBytes,
} from '../../src/adapters/journal-frame.ts';
import type { RecordWrite } from '../../src/base/records.ts';
import { put, remove } from '../compliance/store.ts';

const root = mkdtempSync(join(tmpdir(), 'journal-'));
const KEY = Buffer.alloc(16, 7);
const FILE_BYTES = 8 * BLOCK_BYTES;

function openIn(directory: string, after = 0, fileBytes = FILE_BYTES) {
  return Journal.open({ directory, fileBytes, key: KEY, after });
}

function append(journal: Journal, ...writes: RecordWrite[]): Promise<Error | null> {
  return new Promise((done) => journal.append(writes, done));
}

function create(): string {
  return mkdtempSync(join(root, 'd-'));
}

test('a frame that is written is found again, whatever its changes are', () => {
  const writes = [put('a/1', 'one'), remove('a/2'), put('a/3', ''), put('b', Buffer.alloc(9_000))];
  const bytes = encodeFrame({ sequence: 2 ** 40 + 3, writes }, KEY);
  assert.is(bytes.length, frameBytes(writes));
  assert.is(bytes.length % BLOCK_BYTES, 0);
  assert.equal(findFrames(bytes, KEY, 0), [{ sequence: 2 ** 40 + 3, writes }]);
  assert.equal(findFrames(bytes, KEY, 2 ** 40 + 3), [], 'it is not needed any more');
  assert.equal(findFrames(bytes, Buffer.alloc(16), 0), [], 'it is of another store');
});

test('a frame is lost with any of its bytes, and no other is', () => {
  const frames = [1, 2, 3].map((sequence) =>
    encodeFrame({ sequence, writes: [put('a', Buffer.alloc(5_000, sequence))] }, KEY),
  );
  const size = frames[0]!.length;
  for (const at of [0, 5, 10, 25, 31, 35, 40, 4_999]) {
    const bytes = Buffer.concat(frames);
    bytes[size + at]! ^= 1;
    const found = findFrames(bytes, KEY, 0).map(({ sequence }) => sequence);
    assert.equal(found, [1, 3], `byte ${at}`);
  }
});

test('what somebody sends cannot pass for a frame', () => {
  const forged = encodeFrame({ sequence: 9, writes: [put('b/x', 'forged')] }, Buffer.alloc(16));
  const writes = [put('a', Buffer.concat([Buffer.alloc(BLOCK_BYTES - 34 - 7 - 1), forged]))];
  const bytes = encodeFrame({ sequence: 1, writes }, KEY);
  assert.is(bytes.indexOf(forged), BLOCK_BYTES, 'it lies where a frame could begin');
  bytes[0] = 0;
  assert.equal(findFrames(bytes, KEY, 0), []);
});

test('frames are handed out in order when it is opened again, from both files', async () => {
  const directory = create();
  const { journal, frames } = await openIn(directory);
  assert.equal(frames, []);
  for (let number = 1; number <= 3; number++) await append(journal, put(`a/${number}`, 'x'));
  journal.turn();
  for (let number = 4; number <= 5; number++) await append(journal, put(`a/${number}`, 'x'));
  await journal.close();
  const again = await openIn(directory, 1);
  assert.equal(
    again.frames.map(({ sequence }) => sequence),
    [2, 3, 4, 5],
  );
  assert.is(again.journal.sequence, 5);
  assert.not.ok(again.journal.hasRoomFor([]), 'what is needed is not written over');
  again.journal.clear(6);
  assert.ok(again.journal.hasRoomFor([]));
  assert.is(await append(again.journal, put('a/7', 'x')), null);
  await again.journal.close();
  const third = await openIn(directory, 6);
  assert.equal(
    third.frames.map(({ sequence }) => sequence),
    [7],
  );
  await third.journal.close();
});

test('its files have their size from the start, and it says when one is full', async () => {
  const directory = create();
  const { journal } = await openIn(directory);
  const sizes = ['journal-0', 'journal-1'].map((name) => statSync(join(directory, name)).size);
  assert.equal(sizes, [FILE_BYTES, FILE_BYTES]);
  for (let count = 0; count < 8; count++) {
    assert.ok(journal.hasRoomFor([put('a', 'x')]));
    await append(journal, put('a', 'x'));
  }
  assert.not.ok(journal.hasRoomFor([put('a', 'x')]));
  journal.turn();
  assert.ok(journal.hasRoomFor([put('a', 'x')]));
  assert.not.ok(journal.hasRoomFor([put('a', Buffer.alloc(FILE_BYTES))]), 'larger than a file');
  await journal.close();
});

test('a file that was cut off gets its size again', async () => {
  const directory = create();
  const { journal } = await openIn(directory);
  for (let number = 1; number <= 3; number++) await append(journal, put(`a/${number}`, 'x'));
  await journal.close();
  truncateSync(join(directory, 'journal-0'), 2 * BLOCK_BYTES + 20);
  const again = await openIn(directory);
  assert.equal(
    again.frames.map(({ sequence }) => sequence),
    [1, 2],
  );
  assert.is(statSync(join(directory, 'journal-0')).size, FILE_BYTES);
  await again.journal.close();
});

test('files that are not made, for want of room, have no room', async () => {
  const directory = create();
  const { journal } = await openIn(directory, 0, 2 ** 50);
  assert.not.ok(journal.hasRoomFor([]));
  await journal.close();
});

test('garbage is no frame', async () => {
  const directory = create();
  writeFileSync(join(directory, 'journal-0'), Buffer.alloc(3 * BLOCK_BYTES, 'DGJ1'));
  const { journal, frames } = await openIn(directory);
  assert.equal(frames, []);
  await append(journal, put('a', 'x'));
  await journal.close();
  assert.is(findFrames(readFileSync(join(directory, 'journal-0')), KEY, 0).length, 1);
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
