import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createDirectName,
  createDirectToken,
  directDirectory,
  directPath,
  sweepDirectSockets,
} from '../../src/adapters/direct-socket.ts';

test('programs meet beside the socket of their daemon, and nowhere else', () => {
  assert.is(directDirectory('cd:/run/dagent/hq/daemon.sock'), '/run/dagent/hq');
  assert.is(directDirectory('cd://127.0.0.1:4042'), undefined);
  assert.is(directDirectory('ssh://host/run/dagent/hq/daemon.sock'), undefined);
});

test('a name has the pid, and its path is in the directory', () => {
  const name = createDirectName();
  assert.match(name, new RegExp(`^direct-${process.pid}-[0-9a-f]{8}$`));
  assert.is(directPath('/run', name), `/run/${name}`);
});

test('no token is like another', () => {
  assert.match(createDirectToken(), /^[0-9a-f]{32}$/);
  assert.is.not(createDirectToken(), createDirectToken());
});

test('what is no name has no path', () => {
  const odd = ['', '..', 'daemon.sock', '../direct-1-0123abcd', 'direct-1-0123abcd/x', 7, null];
  for (const name of [...odd, 'direct-1-0123ABCD', 'direct--1-0123abcd']) {
    assert.is(directPath('/run', name), undefined, String(name));
  }
});

test('a path that is too long for a socket is none', () => {
  const name = 'direct-1-0123abcd';
  const directory = `/${'d'.repeat(107 - name.length - 2)}`;
  assert.is(directPath(directory, name)?.length, 107);
  assert.is(directPath(`${directory}d`, name), undefined);
});

test('what a program left that is gone is taken away; all else stays', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  const directory = mkdtempSync(join(tmpdir(), 'direct-'));
  const kept = [createDirectName(), 'daemon.sock', `direct-${child.pid}-x`];
  for (const name of [...kept, `direct-${child.pid}-0123abcd`]) {
    writeFileSync(join(directory, name), '');
  }
  sweepDirectSockets(directory);
  assert.equal(readdirSync(directory).sort(), kept.sort());
  rmSync(directory, { recursive: true });
});

test.run();
