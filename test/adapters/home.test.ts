import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type DaemonStatus,
  type Home,
  listDaemons,
  listNodes,
  pathsOf,
  readJson,
  readStatus,
  resolveHome,
  windowPathOf,
  writeJson,
  writeJsonInPlace,
} from '../../src/adapters/home.ts';
import { identifyProcess } from '../../src/adapters/process-identity.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { fillDisk, onSmallDisk } from '../fakes/small-disk.ts';

const dir = mkdtempSync(join(tmpdir(), 'home-'));
/** More than the kernel gives out. */
const NEVER_A_PID = 4_194_305;
let homeNumber = 0;

function createHome(): Home {
  return resolveHome(join(dir, String(homeNumber++)), {});
}

/** Puts a file in its place, directories and all. */
function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function statusOf(name: string, depth: number): DaemonStatus {
  const plain = { id: '0123456789abcdef', role: 'leaf', realm: 'test', parent: null } as const;
  const links = { parentError: null, peers: [], wantedPeers: [] };
  const more = { listen: [], metrics: null, depth, startedAtMs: 1, version: '1.0.0', home: dir };
  return { name, ...plain, ...links, ...more, ...identifyProcess(process.pid) };
}

/** A daemon that runs in this very process, as far as its home says. */
function putStatus(home: Home, status: DaemonStatus): void {
  put(pathsOf(home, status.name).status, JSON.stringify(status));
}

const isBroken = (error: unknown) =>
  error instanceof DagentError && error.code === 'E_STATE_BROKEN';

test('a named home holds everything', () => {
  const home = resolveHome('/srv/dagent', { DAGENT_HOME: '/elsewhere' });
  assert.equal(home, {
    label: '/srv/dagent',
    dataDir: '/srv/dagent/data',
    runDir: '/srv/dagent/run',
    logDir: '/srv/dagent/log',
  });
});

test('without a flag DAGENT_HOME names it; a relative one begins here', () => {
  assert.is(resolveHome(undefined, { DAGENT_HOME: '/srv/dagent' }).label, '/srv/dagent');
  assert.is(resolveHome('some/home', {}).label, resolve('some/home'));
});

test('an empty name is none', () => {
  const plain = resolveHome(undefined, { HOME: '/home-of-test' });
  assert.equal(resolveHome('', { HOME: '/home-of-test' }), plain);
  assert.equal(resolveHome(undefined, { HOME: '/home-of-test', DAGENT_HOME: '' }), plain);
});

test('without any name the usual places are used', () => {
  const getuid = process.getuid;
  try {
    process.getuid = () => 0;
    assert.equal(resolveHome(undefined, {}), {
      label: '/var/lib/dagent',
      dataDir: '/var/lib/dagent',
      runDir: '/run/dagent',
      logDir: '/var/log/dagent',
    });
    process.getuid = () => 1000;
    const data = join(homedir(), '.local/state/dagent');
    assert.is(resolveHome(undefined, {}).dataDir, data);
    assert.is(resolveHome(undefined, {}).runDir, join(data, 'run'));
    const xdg = { XDG_STATE_HOME: '/state', XDG_RUNTIME_DIR: '/run/user/1000' };
    assert.equal(resolveHome(undefined, xdg), {
      label: '/state/dagent',
      dataDir: '/state/dagent',
      runDir: '/run/user/1000/dagent',
      logDir: '/state/dagent/log',
    });
  } finally {
    process.getuid = getuid;
  }
});

test('each node has paths of its own', () => {
  const home = createHome();
  const one = Object.values(pathsOf(home, 'one'));
  const two = Object.values(pathsOf(home, 'two'));
  assert.is(new Set([...one, ...two]).size, one.length + two.length);
  for (const path of one) assert.ok(path.startsWith(`${home.label}/`));
});

test('what is written as JSON is read again, and is nobody else’s to read', () => {
  const path = join(dir, 'value.json');
  writeJson(path, { a: [1, 'ü'] });
  assert.equal(readJson(path), { a: [1, 'ü'] });
  assert.is(statSync(path).mode & 0o777, 0o600);
  writeJson(path, 'other');
  assert.is(readFileSync(path, 'utf8'), '"other"\n');
  assert.equal(
    readdirSync(dir).filter((name) => name.startsWith('value')),
    ['value.json'],
  );
});

test('a file that is not there has no value; one that is broken says so', () => {
  const path = join(dir, 'broken.json');
  assert.is(readJson(join(dir, 'nothing.json')), undefined);
  assert.is(readJson(join(dir, 'value.json', 'below-a-file')), undefined);
  writeFileSync(path, '{"half":');
  assert.throws(() => readJson(path), isBroken);
  assert.throws(() => readJson(dir), isBroken);
});

test('running daemons are listed from the root down, and by name where that is equal', () => {
  const home = createHome();
  for (const [name, depth] of [
    ['web2', 2],
    ['root', 0],
    ['web1', 2],
    ['east', 1],
  ] as const) {
    putStatus(home, statusOf(name, depth));
  }
  assert.equal(
    listDaemons(home).map(({ name }) => name),
    ['root', 'east', 'web1', 'web2'],
  );
});

test('a daemon that is dead is not running, whatever it has left', () => {
  const home = createHome();
  putStatus(home, { ...statusOf('dead', 0), startTicks: '1' });
  putStatus(home, statusOf('alive', 1));
  assert.is(readStatus(home, 'dead'), undefined);
  assert.is(readStatus(home, 'never'), undefined);
  assert.is(readStatus(home, 'alive')?.depth, 1);
  assert.equal(
    listDaemons(home).map(({ name }) => name),
    ['alive'],
  );
});

test('of a daemon that could not write its status its lock tells, and its options', () => {
  const home = createHome();
  const { pid, startTicks } = identifyProcess(process.pid);
  for (const name of ['brief', 'first', 'stale']) {
    mkdirSync(pathsOf(home, name).runDir, { recursive: true });
    symlinkSync(`${name === 'stale' ? NEVER_A_PID : pid} ${startTicks}`, pathsOf(home, name).lock);
  }
  put(pathsOf(home, 'brief').config, '{"id":"00000000000000aa","options":{"role":"root"}}');
  putStatus(home, { ...statusOf('brief', 0), pid: NEVER_A_PID });
  const { id, role, pid: said, isBrief, listen } = readStatus(home, 'brief') ?? {};
  assert.equal([id, role, said, isBrief], ['00000000000000aa', 'root', pid, true]);
  assert.equal(listen, [`cd:${pathsOf(home, 'brief').socket}`]);
  const first = readStatus(home, 'first');
  assert.equal([first?.id, first?.role, first?.pid], [null, null, pid]);
  assert.equal(
    listDaemons(home).map(({ name }) => name),
    ['brief', 'first'],
  );
});

test('on a full disk a file is written over its old text, with blanks over the rest', () =>
  onSmallDisk('64k', (directory) => {
    const path = join(directory, 'value.json');
    writeJson(path, { text: 'x'.repeat(100) });
    const { size } = statSync(path);
    fillDisk(directory);
    assert.throws(() => writeJson(path, 1));
    for (const value of [{ short: 'é' }, { longer: 'y'.repeat(1_000) }]) {
      writeJsonInPlace(path, value);
      assert.equal(readJson(path), value);
    }
    assert.ok(statSync(path).size > size);
    assert.throws(() => writeJsonInPlace(join(directory, 'new.json'), 1), /ENOSPC/);
    assert.equal(readdirSync(directory), ['ballast', 'value.json']);
  }));

test('a status that a crash has left half written is none, and hides no other', () => {
  const home = createHome();
  putStatus(home, statusOf('alive', 0));
  const rests = ['', '{"name":', 'null', '7', '{}', '[]', '{"pid":"x"}', '{"pid":-1}', '{"pid":0}'];
  for (const [index, rest] of rests.entries()) put(pathsOf(home, `broken${index}`).status, rest);
  writeFileSync(join(home.runDir, 'a-file'), '');
  for (const index of rests.keys()) assert.is(readStatus(home, `broken${index}`), undefined);
  assert.equal(
    listDaemons(home).map(({ name }) => name),
    ['alive'],
  );
});

test('nodes are those that were started once, also with a broken file', () => {
  const home = createHome();
  assert.equal(listNodes(home), []);
  assert.equal(listDaemons(home), []);
  put(pathsOf(home, 'web1').config, '{}');
  put(pathsOf(home, 'broken').config, '{');
  mkdirSync(pathsOf(home, 'never').dataDir, { recursive: true });
  assert.equal(listNodes(home), ['broken', 'web1']);
});

test('windows of services are files of their own, whatever the services are called', () => {
  const home = createHome();
  const names = ['a', 'a.old', 'a.ids', 'a.ids.old', '..', '.'];
  const paths = names.map((name) => windowPathOf(home, 'node', name));
  const all = paths.flatMap((path) => [path, `${path}.old`]);
  assert.is(new Set(all).size, 2 * names.length);
  for (const path of all) assert.is(dirname(path), join(home.dataDir, 'node', 'windows'));
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test('what may not be read is told, and is not the same as what is not there', () => {
  const home = createHome();
  put(pathsOf(home, 'web1').status, '{}');
  chmodSync(home.runDir, 0);
  // Root may read everything: another user looks.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    for (const look of [() => listDaemons(home), () => readStatus(home, 'web1')]) {
      assert.throws(look, (error: DagentError) => error.code === 'E_HOME_DENIED');
    }
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(home.runDir, 0o700);
  }
});

test.run();
