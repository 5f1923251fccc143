import { appendFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemFiles } from '../../src/adapters/file-system.ts';
import { readList } from '../../src/files/list.ts';
import type { Directory, FileFacts, FileSystem } from '../../src/ports/file-system.ts';
import type { BlockAsk } from '../../src/protocol/file.ts';
import {
  FILE_BLOCK_BYTES,
  FILE_BYTES_MAX,
  FILE_ENTRIES_MAX,
  FILE_LIST_BYTES_MAX,
} from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { Copying, failureOf } from './copying.ts';

const test = suite<{ it: Copying }>('what is offered to be copied');
test.before.each((context) => {
  context.it = new Copying();
});
test.after.each(({ it }) => it.close());

const DIRECTORY: FileFacts = { kind: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0 };

/** Directories by path, whatever the disk says: `names` at the top, each of them empty. */
function listing(top: string, names: readonly string[]): FileSystem {
  const directory = (path: string): Directory => ({
    path,
    look: () => Promise.resolve(DIRECTORY),
    list: () => Promise.resolve(path === top ? [...names] : []),
    enter: (name) => Promise.resolve(directory(join(path, name))),
    close: () => Promise.resolve(),
    read: () => Promise.reject(new Error('it is not read')),
    make: () => Promise.reject(new Error('it is not written')),
    write: () => Promise.reject(new Error('it is not written')),
    setAttributes: () => Promise.reject(new Error('it is not written')),
    remove: () => Promise.reject(new Error('it is not written')),
  });
  return {
    ...systemFiles,
    look: () => Promise.resolve(DIRECTORY),
    open: (path) => Promise.resolve(directory(path)),
  };
}

test(`a file of more than ${FILE_BYTES_MAX} bytes is not copied`, async ({ it }) => {
  writeFileSync(join(it.from, 'f'), '');
  truncateSync(join(it.from, 'f'), FILE_BYTES_MAX + 1);
  assert.is(await failureOf(it.collect(['f'])), 'E_TOO_LARGE');
});

test(`more than ${FILE_ENTRIES_MAX} entries are not copied`, async ({ it }) => {
  const names = Array.from({ length: FILE_ENTRIES_MAX }, (_, index) => `d${index}`);
  const files = listing(join(it.from, 'top'), names);
  assert.is(await failureOf(it.collect(['top'], { files })), 'E_TOO_MANY_ENTRIES');
  const entry = { path: '', kind: 'directory', mode: 0o755 };
  const entries = Array.from({ length: FILE_ENTRIES_MAX + 1 }, () => entry);
  assert.throws(() => readList(pack({ entries }), 'x'), /50001 entries/);
});

test(`a list of more than ${FILE_LIST_BYTES_MAX} bytes is not sent, and not taken`, async ({
  it,
}) => {
  const count = FILE_ENTRIES_MAX - 2;
  const names = Array.from({ length: count }, (_, index) => String(index).padStart(255, 'x'));
  const files = listing(join(it.from, 'y'.repeat(255)), names);
  const several = ['y'.repeat(255), 'z'];
  assert.is(await failureOf(it.collect(several, { files })), 'E_TOO_LARGE');
  const content = { hash: '0'.repeat(64), size: FILE_LIST_BYTES_MAX + 1 };
  assert.is(await failureOf(it.place({ kind: 'tree', content }, '', 'x')), 'E_TOO_LARGE');
});

test('a directory is copied only when that is said', async ({ it }) => {
  mkdirSync(join(it.from, 'dir'));
  const { isRecursive } = { isRecursive: false };
  const action = it.collect(['dir'], { isRecursive });
  assert.is(await failureOf(action), 'E_CANNOT_READ it is a directory (say -r)');
  assert.match(await failureOf(it.collect(['missing'])), 'no such file');
});

test('a file that changes under the copy is told, one that grows is copied as it was', async ({
  it,
}) => {
  writeFileSync(join(it.from, 'f'), Buffer.alloc(FILE_BLOCK_BYTES + 10, 1));
  const { item } = await it.collect(['f']);
  appendFileSync(join(it.from, 'f'), 'more');
  assert.is((await it.place(item, '', 'f')).bytes, FILE_BLOCK_BYTES + 10);
  writeFileSync(join(it.from, 'f'), Buffer.alloc(FILE_BLOCK_BYTES + 10, 2));
  assert.is(await failureOf(it.place(item, 'g', 'f')), 'E_FILE_CHANGED');
  truncateSync(join(it.from, 'f'), 3);
  assert.is(await failureOf(it.place(item, 'g', 'f')), 'E_FILE_CHANGED');
});

test('a file that says that it is empty and is not is read to its end', async ({ it }) => {
  const { item, bytes } = await it.collect(['../../../../../../proc/version']);
  assert.ok(bytes > 10);
  await it.place(item, 'version', 'version');
});

test('what is not offered is not given', async ({ it }) => {
  const content = it.offers.addBytes(Buffer.from('bytes'));
  const ask = { content, level: 0, index: 0, hash: content.hash, origin: 'a:~1', hops: 1 };
  assert.is((await it.offers.read(ask)).toString(), 'bytes');
  const other = '1'.repeat(64);
  const asks: BlockAsk[] = [
    { ...ask, content: { ...content, hash: other } },
    { ...ask, content: { ...content, size: 6 } },
  ];
  for (const each of asks) assert.is(await failureOf(it.offers.read(each)), 'E_NOT_OFFERED');
  const wrong = [
    { ...ask, hash: other },
    { ...ask, level: 1 },
    { ...ask, index: 7 },
  ];
  for (const each of wrong) assert.is(await failureOf(it.offers.read(each)), 'E_FILE_CHANGED');
});

test('owners go along by name where that is asked for', async ({ it }) => {
  mkdirSync(join(it.from, 'd'));
  writeFileSync(join(it.from, 'd', 'f'), 'x');
  const { item } = await it.collect(['d'], { tellsOwner: true });
  const { content } = item;
  const whole = { content, level: 0, index: 0, hash: content.hash, origin: 'a:~1', hops: 1 };
  const [directory, file] = readList(await it.offers.read(whole), 'd');
  const { user } = await systemFiles.nameOwner(
    (await systemFiles.look(it.from)) ?? { ...DIRECTORY, uid: -1 },
  );
  assert.equal([directory?.user, file?.user], [user, user]);
});

test.run();
