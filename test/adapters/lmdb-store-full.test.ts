/** A store on a disk that is full. Only root can make a small one: others skip it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';
import type { Store } from '../../src/ports/store.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
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

test('on a full disk the journal takes what adds no record', () =>
  onSmallDisk(SIZE, async (directory) => {
    const store = await openIn(join(directory, 'store'), 131_072);
    for (let number = 0; number < 8; number++) {
      assert.is(await write(store, put(keyOf(number), Buffer.alloc(VALUE_BYTES))), undefined);
    }
    fillDisk(directory);
    const large = () => write(store, put('a/new', Buffer.alloc(2 * VALUE_BYTES)));
    while ((await large()) === undefined) await write(store, remove('a/new'));
    assert.is(await write(store, remove(keyOf(0)), put(keyOf(1), 'done')), undefined);
    assert.is((await write(store, put('a/small', 'x')))?.code, 'E_STORE_FULL');
    await store.close();
    const again = await openIn(join(directory, 'store'), 131_072);
    assert.not.ok(keysIn(again).includes(keyOf(0)));
    assert.is(await write(again, remove(keyOf(2))), undefined);
    assert.is(keysIn(again).length, 6);
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
