/** A store on a disk that is full. Only root can make a small one: others skip it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';
import type { Store } from '../../src/ports/store.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
import { MAILBOX_SPARE_BYTES } from '../../src/protocol/limits.ts';
import { keysIn, put, remove, write } from '../compliance/store.ts';
import { fillDisk, onSmallDisk } from '../fakes/small-disk.ts';

const root = mkdtempSync(join(tmpdir(), 'store-full-'));
const VALUE_BYTES = 20_000;
const SIZE = '3m';

function openIn(directory: string, journalBytes: number): Promise<Store> {
  const onBroken = (key: string, reason: string) => assert.unreachable(`${key}: ${reason}`);
  return openLmdbStore({ directory, newId: '0123456789abcdef', nowMs: 7, journalBytes, onBroken });
}

function keyOf(number: number): string {
  return `a/${1_000 + number}`;
}

/** Writes until that is refused, and on for a while. Returns how many there are. */
async function fill(store: Store): Promise<number> {
  const answers: (ErrorData | undefined)[] = [];
  for (let number = 0; number < 200; number++) {
    answers.push(await write(store, put(keyOf(number), Buffer.alloc(VALUE_BYTES, number))));
  }
  const keptCount = answers.findIndex((answer) => answer !== undefined);
  assert.ok(keptCount > 20, `${keptCount} fit`);
  assert.ok(answers.slice(keptCount).every((answer) => answer?.code === 'E_STORE_FULL'));
  assert.is(keysIn(store).length, keptCount);
  return keptCount;
}

for (const journalBytes of [0, 131_072]) {
  test(`removing makes room again; journal: ${journalBytes} bytes`, () =>
    onSmallDisk(SIZE, async (directory) => {
      const store = await openIn(join(directory, 'store'), journalBytes);
      const keptCount = await fill(store);
      for (let number = 0; number < 10; number++) {
        assert.is(await write(store, remove(keyOf(number))), undefined);
      }
      assert.is(await write(store, put('a/new', Buffer.alloc(VALUE_BYTES))), undefined);
      assert.is(keysIn(store).length, keptCount - 9);
      await store.close();
      const again = await openIn(join(directory, 'store'), journalBytes);
      assert.is(keysIn(again).length, keptCount - 9);
      await again.close();
    }));

  test(`a disk that others have filled is used again when it can; journal: ${journalBytes}`, () =>
    onSmallDisk(SIZE, async (directory) => {
      const store = await openIn(join(directory, 'store'), journalBytes);
      assert.is(await write(store, put('a/0', 'first')), undefined);
      const ballast = fillDisk(directory);
      const answers: (ErrorData | undefined)[] = [];
      for (let number = 0; number < 20; number++) {
        answers.push(await write(store, put(keyOf(number), Buffer.alloc(VALUE_BYTES))));
      }
      assert.is(answers.at(-1)?.code, 'E_STORE_FULL');
      const keptCount = answers.filter((answer) => answer === undefined).length;
      // A crash now: what is in the journal only is not lost, though nothing can be written.
      await store.close();
      const again = await openIn(join(directory, 'store'), journalBytes);
      assert.is(keysIn(again).length, keptCount + 1);
      assert.is((await write(again, put('a/x', Buffer.alloc(VALUE_BYTES))))?.code, 'E_STORE_FULL');
      rmSync(ballast);
      assert.is(await write(again, put('a/x', Buffer.alloc(VALUE_BYTES))), undefined);
      assert.is(keysIn(again).length, keptCount + 2);
      await again.close();
      const third = await openIn(join(directory, 'store'), journalBytes);
      assert.is(keysIn(third).length, keptCount + 2);
      await third.close();
    }));
}

/** Stores what fits, larger and smaller records, until not even the smallest does. */
async function cram(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for (const bytes of [40_000, 4_500, 1_500, 1]) {
    for (let isStored = true; isStored; ) {
      const key = `a/${1_000 + keys.length}`;
      isStored = (await write(store, put(key, Buffer.alloc(bytes, 7)))) === undefined;
      if (isStored) keys.push(key);
    }
  }
  return keys;
}

for (const journalBytes of [0, 131_072]) {
  test(`full to the last byte, all can be removed, again and again; journal: ${journalBytes}`, () =>
    onSmallDisk(SIZE, async (directory) => {
      let store = await openIn(join(directory, 'store'), journalBytes);
      assert.is(await write(store, put('a/box', 'none')), undefined);
      const counts: number[] = [];
      for (let round = 0; round < 6; round++) {
        const keys = await cram(store);
        // To the last byte: what is left over belongs to somebody else now.
        fillDisk(directory);
        counts.push(keys.length);
        if (round > 2) {
          await store.close();
          store = await openIn(join(directory, 'store'), journalBytes);
        }
        if (round % 2 === 0) {
          const all = keys.map((key) => remove(key));
          assert.is(await write(store, put('a/box', 'done'), ...all), undefined, `${round}`);
        } else {
          for (const key of keys.toReversed()) {
            assert.is(await write(store, put('a/box', key), remove(key)), undefined, key);
          }
        }
        assert.equal(keysIn(store), ['a/box']);
      }
      assert.ok(counts.at(-1)! > counts[0]! / 2, counts.join(' '));
      await store.close();
    }));
}

test('a full disk takes what adds less than it removes, and nothing else that adds', () =>
  onSmallDisk(SIZE, async (directory) => {
    const store = await openIn(join(directory, 'store'), 0);
    const keys = await cram(store);
    fillDisk(directory);
    const dead = put('a/dead', Buffer.alloc(39_000));
    const [first, ...others] = keys;
    assert.is((await write(store, dead, remove(keys.at(-1)!)))?.code, 'E_STORE_FULL');
    assert.is(await write(store, dead, remove(first!)), undefined);
    const [second, ...rest] = others;
    const grown = put('a/died', Buffer.alloc(42_000));
    assert.is(await write(store, grown, remove(second!)), undefined, 'it moves, and grows by that');
    assert.equal(keysIn(store), [...rest, 'a/dead', 'a/died']);
    await store.close();
  }));

test('a store has room of its own on the disk from the start, also when it is copied', () =>
  onSmallDisk(SIZE, async (directory) => {
    const store = await openIn(join(directory, 'store'), 0);
    await store.close();
    const blocksOf = (name: string) => statSync(join(directory, name, 'data.mdb')).blocks * 512;
    assert.ok(blocksOf('store') >= MAILBOX_SPARE_BYTES);
    rmSync(join(directory, 'store'), { recursive: true });
    const first = await openIn(join(root, 'first'), 0);
    await first.close();
    spawnSync('cp', ['-r', '--sparse=always', join(root, 'first'), join(directory, 'copy')]);
    assert.ok(blocksOf('copy') >= MAILBOX_SPARE_BYTES);
  }));

test('what has no room of its own takes nothing new until there is some', () =>
  onSmallDisk(SIZE, async (directory) => {
    const ballast = join(directory, 'ballast');
    writeFileSync(ballast, Buffer.alloc(MAILBOX_SPARE_BYTES / 2 + 4_096));
    const store = await openIn(join(directory, 'store'), 0);
    assert.is((await write(store, put('a/1', 'x')))?.code, 'E_STORE_FULL');
    rmSync(ballast);
    assert.is(await write(store, put('a/1', 'x')), undefined);
    await store.close();
  }));

test('a full disk takes what adds no record, and keeps it', () =>
  onSmallDisk(SIZE, async (directory) => {
    const store = await openIn(join(directory, 'store'), 131_072);
    for (let number = 0; number < 8; number++) {
      assert.is(await write(store, put(keyOf(number), Buffer.alloc(VALUE_BYTES))), undefined);
    }
    fillDisk(directory);
    const more = (number: number) =>
      write(store, put(keyOf(100 + number), Buffer.alloc(2 * VALUE_BYTES)));
    let moreCount = 0;
    while ((await more(moreCount)) === undefined) moreCount++;
    assert.is((await more(moreCount))?.code, 'E_STORE_FULL');
    assert.is(await write(store, remove(keyOf(0)), put(keyOf(1), 'done')), undefined);
    await store.close();
    const again = await openIn(join(directory, 'store'), 131_072);
    assert.not.ok(keysIn(again).includes(keyOf(0)));
    assert.is(await write(again, remove(keyOf(2))), undefined);
    assert.is(keysIn(again).length, 6 + moreCount);
    await again.close();
  }));

test('a file where the directory should be is an error, and nothing is touched', async () => {
  const path = join(root, 'file');
  writeFileSync(path, 'somebody’s');
  const code = await openIn(path, 0).then(
    () => undefined,
    (thrown: { code: string }) => thrown.code,
  );
  assert.is(code, 'E_CANNOT_WRITE');
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
