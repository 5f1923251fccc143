import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';
import type { Store, StoreHandlers } from '../../src/ports/store.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { MAILBOX_JOURNAL_BYTES } from '../../src/protocol/limits.ts';
import { contentOf, keysIn, put, remove, testStore, write } from '../compliance/store.ts';

const root = mkdtempSync(join(tmpdir(), 'store-'));
const NEW_ID = '0123456789abcdef';
/** Small: its two files are full after a few writes. */
const JOURNAL_BYTES = 65_536;

interface Opened {
  readonly store: Store;
  readonly broken: string[];
}

function openWith(directory: string, journalBytes: number, { onBroken }: StoreHandlers) {
  return openLmdbStore({ directory, newId: NEW_ID, nowMs: 7, journalBytes, onBroken });
}

async function openIn(directory: string, journalBytes = JOURNAL_BYTES): Promise<Opened> {
  const broken: string[] = [];
  const onBroken = (key: string, reason: string) => void broken.push(`${key}: ${reason}`);
  return { store: await openWith(directory, journalBytes, { onBroken }), broken };
}

function create(): string {
  return mkdtempSync(join(root, 'd-'));
}

const KINDS = [
  ['with a journal', MAILBOX_JOURNAL_BYTES],
  ['with a journal that is full again and again', 12_288],
  ['without a journal', 0],
] as const;
for (const [name, journalBytes] of KINDS) {
  testStore({
    name,
    open: (handlers) => openWith(create(), journalBytes, handlers),
    sync: () => undefined,
  });

  test(`${name}: a store that is opened again has its records and its id`, async () => {
    const directory = create();
    const first = await openIn(directory, journalBytes);
    const { id } = first.store;
    await write(first.store, put('a/1', 'x'), put('a/2', 'y'));
    await write(first.store, remove('a/2'));
    await first.store.close();
    const second = await openIn(directory, journalBytes);
    assert.is(second.store.id, id);
    assert.equal(contentOf(second.store), ['a/1 x']);
    assert.equal(second.broken, []);
    await second.store.close();
  });
}

/** Copies the journal as it is now; what comes back puts it there again. */
function keepJournal(directory: string): () => void {
  const names = readdirSync(directory).filter((name) => name.startsWith('journal-'));
  const kept = names.map((name) => [join(directory, name), readFileSync(join(directory, name))]);
  return () => {
    for (const [path, bytes] of kept) writeFileSync(path as string, bytes as Buffer);
  };
}

/** A store that was not closed: its files as they are after some writes, in another directory. */
async function crash(writeAll: (store: Store) => Promise<void>): Promise<string> {
  const directory = create();
  const { store } = await openIn(directory);
  await writeAll(store);
  const copy = create();
  for (const name of ['data.mdb', 'journal-0', 'journal-1']) {
    copyFileSync(join(directory, name), join(copy, name));
  }
  await store.close();
  return copy;
}

async function writeFew(store: Store): Promise<void> {
  for (let number = 1; number <= 5; number++) await write(store, put(`a/${number}`, 'x'));
}

test('what only the journal has is there when it is opened again', async () => {
  const directory = await crash(writeFew);
  const { store, broken } = await openIn(directory);
  assert.equal(keysIn(store), ['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
  assert.equal(broken, []);
  await store.close();
});

test('an entry that is torn at the end is as if it had not been written', async () => {
  const directory = await crash(writeFew);
  // Five entries of one block each.
  truncateSync(join(directory, 'journal-0'), 4 * 4_096 + 30);
  const { store, broken } = await openIn(directory);
  assert.equal(keysIn(store), ['a/1', 'a/2', 'a/3', 'a/4']);
  assert.equal(broken, []);
  assert.is(await write(store, put('a/6', 'x')), undefined);
  await store.close();
});

test('an entry that is broken in the middle is reported, and others are not lost', async () => {
  const directory = await crash(writeFew);
  const path = join(directory, 'journal-0');
  const bytes = readFileSync(path);
  bytes[4_096 + 40]! ^= 1;
  writeFileSync(path, bytes);
  const { store, broken } = await openIn(directory);
  assert.equal(keysIn(store), ['a/1', 'a/3', 'a/4', 'a/5']);
  assert.equal(broken, ['journal: 1 of its entries are broken']);
  assert.ok(readFileSync(`${path}.broken-7`).equals(bytes), 'it is kept for people');
  await store.close();
});

test('a journal whose changes are in the table already changes nothing', async () => {
  const directory = create();
  const first = await openIn(directory);
  await writeFew(first.store);
  const putBack = keepJournal(directory);
  await write(first.store, remove('a/1'), put('a/2', 'new'));
  await first.store.close();
  putBack();
  const second = await openIn(directory);
  assert.equal(contentOf(second.store), ['a/2 new', 'a/3 x', 'a/4 x', 'a/5 x']);
  await write(second.store, put('a/6', 'x'));
  await second.store.close();
  putBack();
  const third = await openIn(directory);
  assert.equal(keysIn(third.store), ['a/2', 'a/3', 'a/4', 'a/5', 'a/6']);
  assert.equal(third.broken, []);
  await third.store.close();
});

test('what is larger than a file of the journal is stored all the same', async () => {
  const directory = create();
  const { store } = await openIn(directory, MAILBOX_JOURNAL_BYTES);
  await write(store, put('a/1', 'x'));
  assert.is(await write(store, put('a/2', Buffer.alloc(MAILBOX_JOURNAL_BYTES))), undefined);
  await write(store, put('a/3', 'z'));
  assert.equal(keysIn(store), ['a/1', 'a/2', 'a/3']);
  await store.close();
});

test('the journal of another store is not taken for its own', async () => {
  const directory = await crash(writeFew);
  const other = create();
  const { store } = await openIn(other);
  await write(store, put('a/own', 'x'));
  await store.close();
  copyFileSync(join(directory, 'journal-0'), join(other, 'journal-0'));
  const again = await openIn(other);
  assert.equal(keysIn(again.store), ['a/own']);
  await again.store.close();
});

test('a broken record is reported, set aside, and in nobody else’s way', async () => {
  const directory = create();
  const { store } = await openIn(directory);
  await write(store, put('a/1', 'x'), put('a/2', 'a value that is unlike others'), put('a/3', 'z'));
  await store.close();
  const file = join(directory, 'data.mdb');
  const bytes = readFileSync(file);
  bytes[bytes.lastIndexOf('unlike others')]! ^= 1;
  writeFileSync(file, bytes);
  const opened = await openIn(directory);
  assert.equal(keysIn(opened.store), ['a/1', 'a/3']);
  assert.equal(opened.broken, ['a/2: its checksum is wrong']);
  await write(opened.store, put('a/4', 'x'));
  assert.equal(keysIn(opened.store), ['a/1', 'a/3', 'a/4']);
  assert.is(opened.broken.length, 1);
  await opened.store.close();
});

const DAMAGES: readonly (readonly [string, (file: string) => void])[] = [
  ['overwritten with text', (file) => writeFileSync(file, 'nothing of ours')],
  ['zeros', (file) => writeFileSync(file, Buffer.alloc(65_536))],
  ['cut off', (file) => truncateSync(file, 16_384)],
];

for (const [name, damage] of DAMAGES) {
  test(`a file that is ${name} is set aside as a whole, and a new one begun`, async () => {
    const directory = join(create(), 'store');
    const { store } = await openIn(directory);
    for (let index = 0; index < 20; index++) {
      await write(store, put(`a/${index}`, Buffer.alloc(10_000)));
    }
    await store.close();
    damage(join(directory, 'data.mdb'));
    const opened = await openIn(directory);
    assert.equal(keysIn(opened.store), []);
    assert.is(opened.broken.length, 1);
    assert.equal(readdirSync(`${directory}.broken-7`).includes('data.mdb'), true);
    assert.is(await write(opened.store, put('a/1', 'x')), undefined);
    await opened.store.close();
  });
}

/** Writes another version into the identity of a store. */
function changeVersion(directory: string, from: string, to: string): void {
  const file = join(directory, 'data.mdb');
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from)) bytes.write(to, at);
  writeFileSync(file, bytes);
}

test('a store of a newer version is left alone', async () => {
  const directory = create();
  const { store } = await openIn(directory);
  await store.close();
  changeVersion(directory, `2 ${NEW_ID}`, `3 ${NEW_ID}`);
  const error = await openIn(directory).then(
    () => undefined,
    (thrown: DagentError) => thrown,
  );
  assert.instance(error, DagentError);
  assert.is(error?.code, 'E_STORE_VERSION');
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
