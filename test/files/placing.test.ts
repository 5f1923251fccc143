import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Attributing } from '../../src/files/attributing.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import type { Entry } from '../../src/protocol/file.ts';
import { FILE_BLOCK_BYTES, FILE_ENTRIES_AT_ONCE } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { FakeAccounts } from '../fakes/accounts.ts';
import { AS_IS, Copying, failureOf } from './copying.ts';

const test = suite<{ it: Copying }>('putting files in their place');
test.before.each((context) => {
  context.it = new Copying();
});
test.after.each(({ it }) => it.close());

function bytesOf(blocks: number): Buffer {
  const bytes = Buffer.alloc((blocks - 1) * FILE_BLOCK_BYTES + 100);
  for (let at = 0; at < bytes.length; at += 4096) bytes.writeUInt32BE(at + 1, at);
  return bytes;
}

test('a file comes whole, with its mode, under its name or another one', async ({ it }) => {
  writeFileSync(join(it.from, 'f'), bytesOf(3));
  chmodSync(join(it.from, 'f'), 0o751);
  const { item, bytes } = await it.collect(['f']);
  assert.is(bytes, bytesOf(3).length);
  const placed = await it.place(item, '', 'f');
  assert.equal(placed, { path: join(it.to, 'f'), change: 'copied', files: 1, bytes });
  await it.place(item, 'other', 'f');
  for (const name of ['f', 'other']) {
    assert.ok(readFileSync(join(it.to, name)).equals(bytesOf(3)));
    assert.is(statSync(join(it.to, name)).mode & 0o7777, 0o751);
  }
  assert.equal(it.asked.slice(0, 4), ['1/0', '0/0', '0/1', '0/2']);
});

test('an empty file is a file', async ({ it }) => {
  writeFileSync(join(it.from, 'f'), '');
  const { item } = await it.collect(['f']);
  await it.place(item, '', 'f');
  assert.is(statSync(join(it.to, 'f')).size, 0);
});

test('what is there is not asked for, and only its mode is set', async ({ it }) => {
  writeFileSync(join(it.from, 'f'), 'same');
  writeFileSync(join(it.to, 'f'), 'same');
  const { item } = await it.collect(['f']);
  chmodSync(join(it.to, 'f'), 0o600);
  const { ino } = statSync(join(it.to, 'f'));
  assert.is((await it.place(item, '', 'f')).change, 'attributes');
  assert.is((await it.place(item, '', 'f')).change, 'unchanged');
  assert.equal(it.asked, []);
  assert.is(statSync(join(it.to, 'f')).ino, ino);
  writeFileSync(join(it.to, 'f'), 'diff');
  assert.is((await it.place(item, '', 'f')).change, 'copied');
});

test('the mode and the owner that are asked for are set', async ({ it }) => {
  writeFileSync(join(it.from, 'f'), 'x');
  chmodSync(join(it.from, 'f'), 0o4755);
  const { item } = await it.collect(['f']);
  await it.place(item, 'plain', 'f');
  assert.is(statSync(join(it.to, 'plain')).mode & 0o7777, 0o755, 'nobody acts as the new owner');
  const accounts = new FakeAccounts();
  const wanted = { ...AS_IS, mode: 0o640, owner: { group: 'adm' } };
  await it.place(item, 'f', 'f', { attributing: new Attributing(accounts, wanted) });
  const { mode, gid } = statSync(join(it.to, 'f'));
  if (process.getuid?.() === 0) assert.equal([mode & 0o7777, gid], [0o640, 4]);
  const strange = new Attributing(accounts, { ...AS_IS, owner: { user: 'nobody-here' } });
  const action = it.place(item, 'g', 'f', { attributing: strange });
  assert.is(await failureOf(action), 'E_ACCOUNT_UNKNOWN');
  const numbered = new Attributing(accounts, {
    ...AS_IS,
    owner: { user: '70001', group: '70002' },
  });
  const attributes = await numbered.attributesOf({ kind: 'file', mode: 0o644 });
  assert.equal([attributes.uid, attributes.gid], [70_001, 70_002], 'a number needs no account');
});

test('a link in the way is replaced, not followed; a device or a directory is not', async ({
  it,
}) => {
  writeFileSync(join(it.from, 'f'), 'new');
  writeFileSync(join(it.root, 'outside'), 'old');
  symlinkSync(join(it.root, 'outside'), join(it.to, 'link'));
  mkdirSync(join(it.to, 'dir', 'f'), { recursive: true });
  const { item } = await it.collect(['f']);
  await it.place(item, 'link', 'f');
  assert.is(readFileSync(join(it.to, 'link'), 'utf8'), 'new');
  assert.is(readFileSync(join(it.root, 'outside'), 'utf8'), 'old');
  assert.is(await failureOf(it.place(item, 'dir', 'f')), 'E_CANNOT_WRITE it is a directory');
  const device = it.place(item, '../../../../../dev/null', 'f');
  assert.is(await failureOf(device), 'E_CANNOT_WRITE it is no regular file');
  const missing = 'E_CANNOT_WRITE there is no such directory';
  assert.is(await failureOf(it.place(item, 'no/f', 'f')), missing);
  assert.is(await failureOf(it.place(item, 'no/', 'f')), missing);
});

test('what broke off goes on where it was, unless it was thrown away', async ({ it }) => {
  writeFileSync(join(it.from, 'f'), bytesOf(6));
  const { item } = await it.collect(['f']);
  const breakingAt = (count: number) => ({
    obtain: (...args: Parameters<typeof it.obtain>) => {
      if (it.asked.length >= count) throw new DagentError('E_NOT_OFFERED');
      return it.obtain(...args);
    },
  });
  assert.is(await failureOf(it.place(item, '', 'f', breakingAt(4))), 'E_NOT_OFFERED');
  assert.equal(readdirSync(it.to), [], 'what does not help by waiting is not kept');
  it.asked.length = 0;
  it.doneBytes = 0;
  // It is cancelled, as by a node that lost its way to whoever asked.
  const action = it.place(item, '', 'f', {
    onBytes: (bytes) => {
      it.doneBytes += bytes;
      if (it.doneBytes > 2 * FILE_BLOCK_BYTES) it.ending.abort();
    },
  });
  assert.is(await failureOf(action), 'E_COPY_CANCELLED');
  assert.is(it.parts.at(-1), 'kept');
  const [part = ''] = readdirSync(it.to);
  assert.match(part, /^\.dagent-[0-9a-f]{24}\.part$/);
  it.asked.length = 0;
  const signal = new AbortController().signal;
  const { change } = await it.place(item, '', 'f', { signal });
  assert.is(change, 'copied');
  assert.ok(it.asked.length <= 5, `asked for ${it.asked}`);
  assert.ok(readFileSync(join(it.to, 'f')).equals(bytesOf(6)));
  assert.equal(readdirSync(it.to), ['f']);
  it.isDiscarded = true;
  assert.is(await failureOf(it.place(item, 'g', 'f')), 'E_COPY_CANCELLED');
  assert.equal(readdirSync(it.to), ['f']);
});

test('a tree comes with its directories and their modes', async ({ it }) => {
  mkdirSync(join(it.from, 'site', 'deep', 'deeper'), { recursive: true });
  writeFileSync(join(it.from, 'site', 'index'), 'index');
  writeFileSync(join(it.from, 'site', 'deep', 'deeper', 'x'), bytesOf(2));
  symlinkSync('index', join(it.from, 'site', 'link'));
  chmodSync(join(it.from, 'site', 'deep'), 0o555);
  const { item, leftOut } = await it.collect(['site']);
  assert.equal(leftOut, [join(it.from, 'site', 'link')]);
  const placed = await it.place(item, '', 'site');
  assert.equal([placed.change, placed.files], ['copied', 2]);
  const target = join(it.to, 'site', 'deep', 'deeper', 'x');
  assert.ok(readFileSync(target).equals(bytesOf(2)));
  assert.is(statSync(join(it.to, 'site', 'deep')).mode & 0o777, 0o555);
  assert.not(existsSync(join(it.to, 'site', 'link')));
  assert.is((await it.place(item, '', 'site')).change, 'unchanged');
  await it.place(item, 'renamed', 'site');
  assert.is(readFileSync(join(it.to, 'renamed', 'index'), 'utf8'), 'index');
  for (const name of ['site', 'renamed']) chmodSync(join(it.to, name, 'deep'), 0o755);
});

test('several go into a directory under their own names', async ({ it }) => {
  for (const name of ['a', 'b']) writeFileSync(join(it.from, name), name);
  const { item } = await it.collect(['a', 'b']);
  await it.place(item, '', undefined);
  assert.equal(readdirSync(it.to), ['a', 'b']);
  const into = it.place(item, 'a', undefined);
  assert.is(await failureOf(into), 'E_CANNOT_WRITE it is no directory');
});

test('the first file that fails ends the others', async ({ it }) => {
  const count = FILE_ENTRIES_AT_ONCE * 3;
  mkdirSync(join(it.from, 'tree'));
  for (let at = 0; at < count; at++) writeFileSync(join(it.from, 'tree', `f${at}`), `file ${at}`);
  mkdirSync(join(it.to, 'tree', 'f0'), { recursive: true });
  const { item } = await it.collect(['tree']);
  assert.is(await failureOf(it.place(item, '', 'tree')), 'E_CANNOT_WRITE it is a directory');
  assert.ok(readdirSync(join(it.to, 'tree')).length <= FILE_ENTRIES_AT_ONCE);
});

test('no list from another node leads out of the directory', async ({ it }) => {
  writeFileSync(join(it.from, 'f'), 'hostile');
  const { item } = await it.collect(['f']);
  const place = async (...entries: unknown[]): Promise<string> => {
    const list = { kind: 'tree', content: it.offers.addBytes(pack({ entries })) } as const;
    return failureOf(it.place(list, 'in', 'tree'));
  };
  mkdirSync(join(it.to, 'in'));
  const top = { path: '', kind: 'directory', mode: 0o755 } satisfies Entry;
  for (const path of ['../f', 'a/../../f', '/f', '..', 'a//b', 'a\0b', './f', 'x'.repeat(300)]) {
    assert.match(await place(top, { ...item, path }), 'E_LIST_INVALID');
  }
  assert.match(await place(top, { ...item, path: 'not/there' }), 'E_LIST_INVALID');
  assert.match(await place(top, top), 'E_LIST_INVALID');
  assert.match(await place(top, { ...item, path: 'f', mode: 1e9 }), 'E_LIST_INVALID');
  assert.equal(readdirSync(join(it.to, 'in')), []);
  // A link that is there already leads nowhere either.
  mkdirSync(join(it.to, 'in', 'tree'));
  symlinkSync(it.from, join(it.to, 'in', 'tree', 'way'));
  const way = { ...top, path: 'way' };
  const through = await place(top, way, { ...item, path: 'way/f2' });
  assert.is(through, 'E_CANNOT_WRITE it is no directory');
  assert.not(existsSync(join(it.from, 'f2')));
});

test.run();
