import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SpawnRequest } from '../../src/ports/spawner.ts';
import { EXEC_GREETING_BYTES_MAX } from '../../src/protocol/limits.ts';
import { env, Run } from './spawner-run.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'launcher-')));
const isRoot = process.getuid?.() === 0;
/** A user that every host has. */
const NOBODY = { uid: 65_534, gid: 65_534 };

test('a umask, a niceness and a directory are set before it runs', async () => {
  const run = new Run(['sh', '-c', 'umask; nice; pwd; echo "$1" >&2', 'sh', "it's *"], {
    cwd: dir,
    umask: 0o27,
    nice: 7,
  });
  assert.is(await run.ended, '0');
  assert.is(run.text, `0027\n7\n${dir}\n`);
  assert.is(Buffer.concat(run.stderr).toString(), "it's *\n");
  assert.is(run.startCount, 1);
});

test('limits are set before it runs, the soft one and the hard one', async () => {
  const words = 'ulimit -n; ulimit -Hn; ulimit -c; ulimit -v';
  const ulimits = { nofile: '50:60', core: '0:0', as: '4294967296:unlimited' };
  const run = new Run(['sh', '-c', words], { ulimits });
  assert.is(await run.ended, '0');
  assert.is(run.text, '50\n60\n0\n4194304\n');
  const beyond = new Run(['true'], { ulimits: { nofile: '1:9000000000000000' } });
  assert.match(await beyond.ended, /^125: prlimit: .*NOFILE.* not permitted$/);
});

/** A command behind a login shell that reads this profile. */
function login(profile: string, argv: readonly string[], more: Partial<SpawnRequest> = {}): Run {
  const home = mkdtempSync(join(dir, 'home-'));
  writeFileSync(join(home, '.profile'), profile);
  return new Run(argv, {
    login: '/bin/sh',
    cwd: dir,
    env: { ...env, HOME: home },
    ...more,
  });
}

test('behind a login its profile was read, and the words are as they were', async () => {
  const profile = 'export MINE="set by it"; umask 027; cd /; echo welcome';
  const run = login(profile, ['sh', '-c', 'echo "$MINE|$1"; umask; pwd', 'sh', "it's $HOME *"]);
  assert.is(await run.ended, '0');
  assert.is(run.text, `welcome\nset by it|it's $HOME *\n0027\n${dir}\n`);
  assert.is(run.startCount, 1);
  const other = login(profile, ['sh', '-c', 'umask'], { umask: 0o22 });
  assert.is(await other.ended, '0');
  assert.is(other.text, 'welcome\n0022\n');
});

test('what a profile leaves in the background does not hold up the start', async () => {
  const run = login('sleep 300 & ', ['echo', 'here']);
  await run.spoke;
  assert.is(run.text, 'here\n');
  assert.ok(run.child.killGroup('SIGKILL'));
  assert.match(await run.ended, /^(0|SIGKILL)$/);
});

test('a profile that ends, and a shell that is none, are why it was not started', async () => {
  const run = login('echo go away; exit 0', ['true']);
  assert.is(await run.ended, '125: go away');
  assert.is(run.startCount, 0);
  const other = login('', ['true'], { login: '/no/shell' });
  assert.is(await other.ended, '127: no such program: /no/shell');
});

test('a profile that says too much is ended, and the beginning of it is told', async () => {
  const bytes = `head -c ${EXEC_GREETING_BYTES_MAX} /dev/zero | tr '\\0' x`;
  const most = login(bytes, ['true']);
  assert.is(await most.ended, '0');
  assert.is(most.text.length, EXEC_GREETING_BYTES_MAX);
  const more = login(`${bytes}; echo; sleep 300`, ['true']);
  assert.is(await more.ended, '125: more than 65536 bytes came before it began');
  const long = login(`${bytes}; exit`, ['true']);
  assert.is(await long.ended, `125: ${'x'.repeat(500)}`);
});

/** As sudo(8) for who needs no password, or is refused: it closes all descriptors but three. */
function putSudo(name: string, refusal = ''): { readonly PATH: string; readonly LOG: string } {
  const bin = mkdtempSync(join(dir, name));
  const log = join(bin, 'log');
  const refuse = refusal === '' ? '' : `echo "${refusal}" >&2; exit 1`;
  const lines = [
    '#!/bin/sh',
    refuse,
    'while [ "$1" != -- ]; do words="$words $1"; shift; done',
    `echo "$words" >>${log}`,
    'shift',
    'exec "$@" 3>&-',
  ];
  writeFileSync(join(bin, 'sudo'), lines.join('\n'), { mode: 0o755 });
  return { PATH: `${bin}:${env.PATH}`, LOG: log };
}

test('sudo runs it as it was asked to, after it has tried all but the command', async () => {
  const sudo = { user: 'www', group: 'adm' };
  const own = { ...putSudo('may'), HOME: dir, USER: 'me' };
  const more = { sudo, env: own, cwd: dir, umask: 0o27, isMerged: true };
  const run = new Run(['sh', '-c', 'umask; pwd; echo "$1" >&2; cat', 'sh', "it's"], more);
  run.child.writeStdin(Buffer.from('stdin\n'));
  run.child.endStdin();
  assert.is(await run.ended, '0');
  assert.is(run.text, `0027\n${dir}\nit's\nstdin\n`);
  assert.is(run.startCount, 1);
  const words = ' -n -H --preserve-env=LOG -u www -g adm\n';
  assert.is(readFileSync(own.LOG, 'utf8'), `${words}${words}`);
});

test('why sudo does not run it is why it was not started', async () => {
  const sudo = { user: 'root' };
  const needs = new Run(['true'], { sudo, env: putSudo('must', 'sudo: a password is required') });
  assert.match(
    await needs.ended,
    /^125: sudo: a password is required \(sudo -n: sudoers must have NOPASSWD for \w+\)$/,
  );
  const odd = new Run(['true'], { sudo, env: putSudo('odd', 'sudo: a\nsudo: unknown user') });
  assert.is(await odd.ended, '125: sudo: unknown user');
  const may = putSudo('may');
  const cases: [string[], Partial<SpawnRequest>, string][] = [
    [['no-such-program'], {}, '127: no such program: no-such-program'],
    [['true'], { cwd: '/no/such' }, '125: no such directory: /no/such'],
  ];
  for (const [argv, more, ended] of cases) {
    const run = new Run(argv, { sudo, env: may, ...more });
    assert.is(await run.ended, ended);
    assert.is(run.startCount, 0);
  }
  const bin = mkdtempSync(join(dir, 'bin-'));
  symlinkSync('/bin/sh', join(bin, 'sh'));
  const none = new Run(['true'], { sudo, env: { PATH: bin } });
  assert.is(await none.ended, '125: no sudo on this host');
});

test('stderr is stdout where that is wanted, in one order', async () => {
  const run = new Run(['sh', '-c', 'echo 1; echo 2 >&2; echo 3'], { isMerged: true });
  assert.is(await run.ended, '0');
  assert.is(run.text, '1\n2\n3\n');
  assert.is(run.stderr.length, 0);
});

test('what is prepared and cannot be started says why, and never that it was', async () => {
  writeFileSync(join(dir, 'plain'), 'x', { mode: 0o600 });
  const cases: [string[], Partial<SpawnRequest>, string][] = [
    [['no-such-program', 'x'], {}, '127: no such program: no-such-program'],
    [['/no/such'], {}, '127: no such program: /no/such'],
    [[join(dir, 'plain')], {}, `126: not executable: ${join(dir, 'plain')}`],
    [['true'], { cwd: '/no/such' }, '125: no such directory: /no/such'],
  ];
  for (const [argv, more, ended] of cases) {
    const run = new Run(argv, { ...more, umask: 0o22 });
    assert.is(await run.ended, ended);
    assert.is(run.startCount, 0);
    assert.is(run.text + run.stderr.join(''), '');
  }
});

test('a status of 127 that is the command’s own is its status', async () => {
  const run = new Run(['sh', '-c', 'exit 127'], { isMerged: true });
  assert.is(await run.ended, '127');
});

test('what is ended before it runs never ran', async () => {
  const run = new Run(['sleep', '300'], { nice: 1 });
  run.child.killGroup('SIGKILL');
  assert.match(await run.ended, /^125: it was ended before it began$|^SIGKILL$/);
});

test('a reader that pauses before it begins misses nothing', async () => {
  const run = new Run(['sh', '-c', 'echo hi'], { umask: 0o22 });
  run.child.setPaused(true);
  run.child.setPaused(false);
  assert.is(await run.ended, '0');
  assert.is(run.text, 'hi\n');
});

test('a script runs from a file of its own, which is gone at the end', async () => {
  const argv = ['a b', 'c'];
  const plain = new Run(argv, { script: Buffer.from('echo "$0|$1|$2"; stat -c %a "$0"') });
  assert.is(await plain.ended, '0');
  const [path = '', ...rest] = plain.text.split(/[|\n]/);
  assert.equal(rest, ['a b', 'c', '700', '']);
  assert.not.ok(existsSync(path) || existsSync(dirname(path)));
  const awk = Buffer.from('#!/usr/bin/awk -f\nBEGIN { print "awk", ARGV[1]; exit 3 }\n');
  const other = new Run(['x'], { script: awk, umask: 0o77 });
  assert.is(await other.ended, '3');
  assert.is(other.text, 'awk x\n');
});

test('another user has all of its groups, and only what is its own', async () => {
  if (!isRoot) return;
  const run = new Run(['sh', '-c', 'id -u; id -g; id -G'], { runAs: NOBODY, cwd: '/' });
  assert.is(await run.ended, '0');
  assert.match(run.text, /^65534\n65534\n65534( |\n)/);
  const closed = new Run(['true'], { runAs: NOBODY, cwd: '/root' });
  assert.match(await closed.ended, /^125: not permitted: directory \/root$|^0$/);
});

test('a script of another user is its own', async () => {
  if (!isRoot) return;
  const { TMPDIR } = process.env;
  // Where this test may write nobody else may look.
  process.env.TMPDIR = '/tmp';
  const script = new Run([], { runAs: NOBODY, cwd: '/', script: Buffer.from('id -u') });
  process.env.TMPDIR = TMPDIR;
  assert.is(await script.ended, '0');
  assert.is(script.text, '65534\n');
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
