import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';
import { type RecordWrite, rangeOf } from '../../src/base/records.ts';
import type { Store } from '../../src/ports/store.ts';
import { DagentError, type ErrorData } from '../../src/protocol/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'store-'));
const NEW_ID = '0123456789abcdef';
const ALL = { ...rangeOf('a/'), countMax: 1_000_000, bytesMax: 1_000_000_000 };

interface Opened {
  readonly store: Store;
  readonly broken: string[];
}

async function openIn(directory: string, newId = NEW_ID): Promise<Opened> {
  const broken: string[] = [];
  const onBroken = (key: string, reason: string) => void broken.push(`${key}: ${reason}`);
  return { store: await openLmdbStore({ directory, newId, nowMs: 7, onBroken }), broken };
}

function put(key: string, value: string | Buffer): RecordWrite {
  return { kind: 'put', key, value: Buffer.from(value) };
}

function write(store: Store, ...writes: RecordWrite[]): Promise<ErrorData | undefined> {
  return new Promise((done) => store.write(writes, done));
}

function keysIn(store: Store): string[] {
  return store.read(ALL).records.map(({ key }) => key);
}

test('what was written is read in order, page by page', async () => {
  const { store } = await openIn(join(root, 'pages'));
  const keys = ['a/3', 'a/1', 'a/2', 'b/1'];
  assert.is(await write(store, ...keys.map((key) => put(key, `value of ${key}`))), undefined);
  const page = store.read({ ...ALL, countMax: 2 });
  assert.equal(
    page.records.map(({ key, value }) => `${key} ${value}`),
    ['a/1 value of a/1', 'a/2 value of a/2'],
  );
  assert.is(page.isEnd, false);
  assert.equal(keysIn(store), ['a/1', 'a/2', 'a/3']);
  assert.is(store.read({ ...ALL, bytesMax: 1 }).records.length, 1);
  await write(store, { kind: 'remove', key: 'a/2' }, put('a/3', 'anew'));
  assert.equal(keysIn(store), ['a/1', 'a/3']);
  await store.close();
});

test('a store that is opened again has its records and its id', async () => {
  const directory = join(root, 'again');
  const first = await openIn(directory);
  await write(first.store, put('a/1', 'x'));
  await first.store.close();
  const second = await openIn(directory, 'ffffffffffffffff');
  assert.is(second.store.id, NEW_ID);
  assert.equal(keysIn(second.store), ['a/1']);
  assert.equal(second.broken, []);
  await second.store.close();
});

test('what is asked for at once is synced together, and each hears of it', async () => {
  const { store } = await openIn(join(root, 'group'));
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => write(store, put(`a/${100 + index}`, 'x'))),
  );
  assert.ok(answers.every((answer) => answer === undefined));
  assert.is(keysIn(store).length, 100);
  await store.close();
});

test('closing waits for what was asked for', async () => {
  const directory = join(root, 'close');
  const { store } = await openIn(directory);
  const written = write(store, put('a/1', 'x'));
  await store.close();
  assert.is(await written, undefined);
  const again = await openIn(directory);
  assert.equal(keysIn(again.store), ['a/1']);
  await again.store.close();
});

test('a broken record is reported, set aside, and in nobody else’s way', async () => {
  const directory = join(root, 'broken');
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

test('a record that its reader cannot make sense of is set aside', async () => {
  const { store, broken } = await openIn(join(root, 'aside'));
  await write(store, put('a/1', 'x'), put('a/2', 'y'));
  store.setAside('a/1', 'no message');
  await write(store, put('a/3', 'z'));
  assert.equal(keysIn(store), ['a/2', 'a/3']);
  assert.equal(broken, ['a/1: no message']);
  await store.close();
});

const DAMAGES: readonly (readonly [string, (file: string) => void])[] = [
  ['overwritten with text', (file) => writeFileSync(file, 'nothing of ours')],
  ['zeros', (file) => writeFileSync(file, Buffer.alloc(65_536))],
  ['cut off', (file) => truncateSync(file, 16_384)],
];

for (const [name, damage] of DAMAGES) {
  test(`a file that is ${name} is set aside as a whole, and a new one begun`, async () => {
    const directory = join(root, name.replaceAll(' ', '-'));
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

test('a store of a newer version is left alone', async () => {
  const directory = join(root, 'newer');
  const { store } = await openIn(directory);
  await store.close();
  const file = join(directory, 'data.mdb');
  const bytes = readFileSync(file);
  for (let at = bytes.indexOf(`1 ${NEW_ID}`); at >= 0; at = bytes.indexOf(`1 ${NEW_ID}`)) {
    bytes.write('2', at);
  }
  writeFileSync(file, bytes);
  const error = await openIn(directory).then(
    () => undefined,
    (thrown: DagentError) => thrown,
  );
  assert.instance(error, DagentError);
  assert.is(error?.code, 'E_STORE_VERSION');
});

test('what was synced is there after kill -9', async () => {
  const directory = join(root, 'killed');
  const fixture = join(import.meta.dirname, 'lmdb-store-writer.ts');
  const child = spawn(process.execPath, [fixture, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let synced = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    synced = Number(line);
    if (synced >= 200) child.kill('SIGKILL');
  }
  const { store, broken } = await openIn(directory);
  assert.equal(broken, []);
  const count = keysIn(store).length;
  assert.ok(count >= synced, `${count} records, and ${synced} were synced`);
  await store.close();
});

test('a full disk refuses what is new, keeps what is old, and recovers', async () => {
  const directory = join(root, 'full');
  mkdirSync(directory);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', directory]);
  if (mounted.status !== 0) return; // Only root can make a small disk.
  try {
    const { store } = await openIn(join(directory, 'store'));
    const answers: (ErrorData | undefined)[] = [];
    for (let index = 0; index < 150; index++) {
      answers.push(await write(store, put(`a/${1_000 + index}`, Buffer.alloc(20_000, index))));
    }
    const keptCount = answers.findIndex((answer) => answer !== undefined);
    assert.ok(keptCount > 20, `${keptCount} fit`);
    assert.ok(answers.slice(keptCount).every((answer) => answer?.code === 'E_STORE_FULL'));
    assert.is(keysIn(store).length, keptCount);
    for (let index = 0; index < 10; index++) {
      assert.is(await write(store, { kind: 'remove', key: `a/${1_000 + index}` }), undefined);
    }
    assert.is(await write(store, put('a/new', Buffer.alloc(20_000))), undefined);
    assert.is(keysIn(store).length, keptCount - 9);
    await store.close();
    const again = await openIn(join(directory, 'store'));
    assert.is(keysIn(again.store).length, keptCount - 9);
    await again.store.close();
  } finally {
    spawnSync('umount', ['-l', directory]);
  }
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
