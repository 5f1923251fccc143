import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { systemFiles } from '../../src/adapters/file-system.ts';
import type { Directory } from '../../src/ports/file-system.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'files-'));
const ATTRIBUTES = { mode: 0o640, uid: undefined, gid: undefined };

let count = 0;
/** An empty directory, and its path. */
async function fresh(): Promise<{ directory: Directory; path: string }> {
  const path = join(root, String(++count));
  mkdirSync(path);
  return { directory: await systemFiles.open(path), path };
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'nothing was thrown';
  } catch (error) {
    if (!(error instanceof DagentError)) throw error;
    return `${error.code} ${error.values.errno ?? error.values.reason}`;
  }
}

test('what is there is told, links as links in a directory and followed by path', async () => {
  const { directory, path } = await fresh();
  writeFileSync(join(path, 'file'), 'four', { mode: 0o600 });
  mkdirSync(join(path, 'below'));
  symlinkSync('file', join(path, 'link'));
  const kinds = await Promise.all(
    ['file', 'below', 'link', 'nothing'].map(async (name) => (await directory.look(name))?.kind),
  );
  assert.equal(kinds, ['file', 'directory', 'link', undefined]);
  const facts = await systemFiles.look(join(path, 'link'));
  assert.equal([facts?.kind, facts?.size, facts?.mode], ['file', 4, 0o600]);
  assert.equal((await directory.list()).sort(), ['below', 'file', 'link']);
  await directory.close();
});

test('no symbolic link is followed below a directory', async () => {
  const { directory, path } = await fresh();
  const outside = await fresh();
  writeFileSync(join(outside.path, 'secret'), 'secret');
  symlinkSync(outside.path, join(path, 'way-out'));
  symlinkSync(join(outside.path, 'secret'), join(path, 'file-out'));
  assert.is(await codeOf(directory.enter('way-out')), 'E_CANNOT_READ ENOTDIR');
  assert.is(await codeOf(directory.read('file-out')), 'E_CANNOT_READ ELOOP');
  assert.is(await codeOf(directory.setAttributes('file-out', ATTRIBUTES)), 'E_CANNOT_WRITE ELOOP');
  // What is to be there replaces the link, and not what it leads to.
  const part = await directory.write('.part', 'file-out');
  await part.write(0, Buffer.from('mine'));
  await part.finish(4, ATTRIBUTES);
  assert.is(readFileSync(join(path, 'file-out'), 'utf8'), 'mine');
  assert.is(readFileSync(join(outside.path, 'secret'), 'utf8'), 'secret');
  for (const each of [directory, outside.directory]) await each.close();
});

test('a directory that is moved away while it is open stays the one that is meant', async () => {
  const { directory, path } = await fresh();
  rmSync(path, { recursive: true });
  mkdirSync(path);
  assert.is(await codeOf(directory.make('below')), 'E_CANNOT_WRITE ENOENT');
  assert.equal(readdirSync(path), []);
  await directory.close();
});

test('a file is put in its place as a whole, with its mode', async () => {
  const { directory, path } = await fresh();
  writeFileSync(join(path, 'file'), 'the old one');
  const part = await directory.write('.part', 'file');
  assert.is(part.bytesLeft, 0);
  await part.write(3, Buffer.from('def'));
  await part.write(0, Buffer.from('abc'));
  assert.is(statSync(join(path, '.part')).mode & 0o777, 0o600, 'nobody else reads it meanwhile');
  assert.is(readFileSync(join(path, 'file'), 'utf8'), 'the old one');
  await part.finish(5, ATTRIBUTES);
  assert.is(readFileSync(join(path, 'file'), 'utf8'), 'abcde');
  assert.is(statSync(join(path, 'file')).mode & 0o777, 0o640);
  assert.equal(readdirSync(path), ['file']);
  await directory.close();
});

test('a part that was kept is gone on with, one that was not is gone', async () => {
  const { directory, path } = await fresh();
  const first = await directory.write('.part', 'file');
  await first.write(0, Buffer.from('begun'));
  await first.abandon(true);
  const second = await directory.write('.part', 'file');
  assert.is(second.bytesLeft, 5);
  assert.is((await second.read(0, 99)).toString(), 'begun');
  await second.abandon(false);
  assert.equal(readdirSync(path), []);
  await directory.close();
});

test('a part that may be in the hands of others is begun anew', async () => {
  const { directory, path } = await fresh();
  const other = join(path, 'other');
  writeFileSync(other, 'others see this');
  linkSync(other, join(path, '.part'));
  const part = await directory.write('.part', 'file');
  assert.is(part.bytesLeft, 0);
  await part.write(0, Buffer.from('mine'));
  await part.finish(4, ATTRIBUTES);
  assert.is(readFileSync(other, 'utf8'), 'others see this');
  symlinkSync(other, join(path, '.part'));
  await (await directory.write('.part', 'file')).abandon(false);
  assert.is(readFileSync(other, 'utf8'), 'others see this');
  await directory.close();
});

test('what the system refuses is told with its name for it', async () => {
  const { directory, path } = await fresh();
  const missing = join(path, 'missing');
  assert.is(await codeOf(systemFiles.read(missing)), 'E_CANNOT_READ ENOENT');
  assert.is(await codeOf(systemFiles.read(path)), 'E_CANNOT_READ it is a directory');
  assert.is(await codeOf(systemFiles.read('/dev/null')), 'E_CANNOT_READ it is no regular file');
  assert.is(await codeOf(systemFiles.open(missing)), 'E_CANNOT_READ ENOENT');
  assert.is(await systemFiles.look(missing), undefined);
  mkdirSync(join(path, 'taken'));
  const part = await directory.write('.part', 'taken');
  assert.is(await codeOf(part.finish(0, ATTRIBUTES)), 'E_CANNOT_WRITE EISDIR');
  await part.abandon(false);
  await directory.close();
});

test('directories are made for their owner alone, and opened to others at the end', async () => {
  const { directory, path } = await fresh();
  await directory.make('below');
  assert.is(statSync(join(path, 'below')).mode & 0o777, 0o700);
  await directory.setAttributes('below', { mode: 0o755, uid: undefined, gid: undefined });
  assert.is(statSync(join(path, 'below')).mode & 0o777, 0o755);
  await directory.remove('nothing');
  writeFileSync(join(path, 'file'), '');
  chmodSync(join(path, 'file'), 0o444);
  await directory.remove('file');
  assert.not(existsSync(join(path, 'file')));
  await directory.close();
});

test('owners have names', async () => {
  const facts = { kind: 'file', size: 0, mode: 0, uid: 0, gid: 0 } as const;
  assert.equal(await systemFiles.nameOwner(facts), { user: 'root', group: 'root' });
  const nobody = { ...facts, uid: 3_999_999_999, gid: 3_999_999_999 };
  assert.equal(await systemFiles.nameOwner(nobody), {});
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
