import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkPluginDirectory, openPluginDirectory } from '../../src/adapters/plugin-directory.ts';
import { findUntrusted } from '../../src/adapters/trust.ts';
import type { PluginDirectory } from '../../src/ports/plugin-directory.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

const test = suite('the directory of plugins');
const ownUid = process.getuid?.() ?? 0;
const top = realpathSync(mkdtempSync(join(tmpdir(), 'plugins-')));
const dir = join(top, 'plugins');
const opened: PluginDirectory[] = [];

function open(path = dir): PluginDirectory {
  const directory = openPluginDirectory(path, ownUid);
  opened.push(directory);
  return directory;
}

function write(name: string, mode = 0o755): string {
  const path = join(dir, name);
  writeFileSync(path, '#!/bin/sh\n', { mode: 0o600 });
  chmodSync(path, mode);
  return path;
}

function refusal(action: () => unknown): DagentError {
  try {
    action();
  } catch (error) {
    return error as DagentError;
  }
  throw new Error('it was not refused');
}

test.before.each(() => {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { mode: 0o755 });
});
test.after.each(() => {
  for (const directory of opened.splice(0)) directory.close();
});
test.after(() => rmSync(top, { recursive: true, force: true }));

test('executables are found by name; what is hidden, put aside or no executable is not', () => {
  write('b.sh');
  write('a.py', 0o700);
  write('module.py', 0o644);
  write('.hidden');
  write('a.py~');
  mkdirSync(join(dir, 'lib'));
  symlinkSync(join(dir, 'nowhere'), join(dir, 'broken'));
  symlinkSync('loop', join(dir, 'loop'));
  const found = open().scan();
  assert.equal(
    found.map(({ file, path, untrusted }) => [file, path, untrusted]),
    [
      ['a.py', join(dir, 'a.py'), null],
      ['b.sh', join(dir, 'b.sh'), null],
    ],
  );
});

test('where there is no directory there is no plugin, and one that comes is seen', () => {
  rmSync(dir, { recursive: true });
  const directory = open();
  assert.equal(directory.scan(), []);
  mkdirSync(dir, { mode: 0o755 });
  write('a.sh');
  assert.is(directory.scan().length, 1);
});

test('a file that is written anew, replaced or given other rights has another fingerprint', () => {
  const directory = open();
  const seen = new Set<string | undefined>();
  const look = () => seen.add(directory.scan()[0]?.fingerprint);
  const path = write('a.sh');
  look();
  look();
  assert.is(seen.size, 1);
  writeFileSync(path, '#!/bin/sh\necho more\n');
  look();
  writeFileSync(join(top, 'other'), '#!/bin/sh\necho more\n', { mode: 0o755 });
  renameSync(join(top, 'other'), path);
  look();
  chmodSync(path, 0o700);
  look();
  assert.is(seen.size, 4);
});

test('the system tells of a change', async () => {
  const directory = open();
  const changed = new Promise<void>((resolve) => directory.watch(resolve));
  // To watch does not keep a process alive.
  const alive = setInterval(() => undefined, 1_000);
  write('a.sh');
  await changed;
  clearInterval(alive);
});

test('a file that others may write to, or that is theirs, is not trusted', () => {
  const path = write('a.sh', 0o775);
  const fault = () => open().scan()[0]?.untrusted;
  assert.equal(fault(), { path, reason: 'others may write to it (mode 0775)' });
  chmodSync(path, 0o757);
  assert.match(fault()?.reason ?? '', 'mode 0757');
  chmodSync(path, 0o755);
  assert.is(fault(), null);
  if (ownUid !== 0) return;
  chownSync(path, 12_345, 0);
  assert.match(fault()?.reason ?? '', 'the user 12345');
});

test('a directory that others may write to is refused, and so is all below it', () => {
  write('a.sh');
  chmodSync(dir, 0o777);
  assert.is(refusal(() => open().scan()).code, 'E_PLUGIN_UNSAFE');
  const error = refusal(() => checkPluginDirectory(dir, ownUid));
  assert.equal(error.values, { path: dir, reason: 'others may write to it (mode 0777)' });
  assert.is(error.exit, 4);
  mkdirSync(join(dir, 'inner'), { mode: 0o755 });
  assert.is(findUntrusted(join(dir, 'inner'), ownUid)?.path, dir);
});

test('what a link leads to is looked at, with all above it', () => {
  const outside = join(top, 'outside');
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, 'real.sh'), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync(join(outside, 'real.sh'), join(dir, 'a.sh'));
  assert.is(open().scan()[0]?.untrusted, null);
  chmodSync(outside, 0o777);
  assert.is(open().scan()[0]?.untrusted?.path, outside);
});

test('a directory with the sticky bit lets nobody replace what is ours', () => {
  chmodSync(dir, 0o1777);
  assert.is(findUntrusted(dir, ownUid), undefined);
});

test('a directory that is named must be there', () => {
  const error = refusal(() => checkPluginDirectory(join(top, 'nowhere'), ownUid));
  assert.is(error.code, 'E_PLUGIN_UNSAFE');
  assert.match(error.message, 'no such directory');
  assert.match(findUntrusted(join(top, 'nowhere'), ownUid)?.reason ?? '', 'ENOENT');
});

test.run();
