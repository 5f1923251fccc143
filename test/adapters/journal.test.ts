import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Journal } from '../../src/adapters/journal.ts';
import {
  BLOCK_BYTES,
  encodeFrame,
  type Frame,
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
  const found = { sequence: 2 ** 40 + 3, writes, endBytes: bytes.length };
  assert.equal(findFrames(bytes, KEY, 0), [found]);
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

function sequencesOf(frames: readonly Frame[]): number[] {
  return frames.map(({ sequence }) => sequence);
}

test('when it is opened again it has what is still needed, and goes on after it', async () => {
  const directory = create();
  const first = await openIn(directory);
  assert.equal(first.content, { current: [], other: [] });
  for (let number = 1; number <= 3; number++) await append(first, put(`a/${number}`, 'x'));
  first.turn();
  for (let number = 4; number <= 5; number++) await append(first, put(`a/${number}`, 'x'));
  await first.close();
  const second = await openIn(directory, 1);
  assert.equal(sequencesOf(second.content.other), [2, 3]);
  assert.equal(sequencesOf(second.content.current), [4, 5]);
  assert.is(second.sequence, 5);
  assert.is(await append(second, put('a/6', 'x')), null);
  await second.close();
  const third = await openIn(directory, 1);
  assert.equal(sequencesOf(third.content.current), [4, 5, 6]);
  third.clear(7);
  await append(third, put('a/8', 'x'));
  await third.close();
  const fourth = await openIn(directory, 7);
  assert.equal(sequencesOf(fourth.content.current), [8]);
  assert.equal(fourth.content.other, []);
  await fourth.close();
});

test('its files have their size from the start, and it says when one is full', async () => {
  const directory = create();
  const journal = await openIn(directory);
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
  const journal = await openIn(directory);
  for (let number = 1; number <= 3; number++) await append(journal, put(`a/${number}`, 'x'));
  await journal.close();
  truncateSync(join(directory, 'journal-0'), 2 * BLOCK_BYTES + 20);
  const again = await openIn(directory);
  assert.equal(sequencesOf(again.content.current), [1, 2]);
  assert.is(statSync(join(directory, 'journal-0')).size, FILE_BYTES);
  await again.close();
});

test('files that are not made, for want of room, have no room', async () => {
  const directory = create();
  const journal = await openIn(directory, 0, 2 ** 50);
  assert.not.ok(journal.isUsable);
  assert.not.ok(journal.hasRoomFor([]));
  await journal.close();
});

test('garbage is no frame', async () => {
  const directory = create();
  writeFileSync(join(directory, 'journal-0'), Buffer.alloc(3 * BLOCK_BYTES, 'DGJ1'));
  const journal = await openIn(directory);
  assert.equal(journal.content.current, []);
  await append(journal, put('a', 'x'));
  await journal.close();
  assert.is(findFrames(readFileSync(join(directory, 'journal-0')), KEY, 0).length, 1);
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
