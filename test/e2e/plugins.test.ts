import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, PROJECT, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('plugins');
const home = new Home();
const directory = join(home.dir, 'data/web1/plugins');
const EXAMPLES = ['disk.py', 'uptime.sh', 'words.ts'];

/** A plugin that does whatever does harm. */
const HARMFUL = `#!/usr/bin/env python3
import os, time
from dagent_plugin import Plugin

plugin = Plugin("harm", version="VERSION", memory_bytes=64_000_000)
kept = []

@plugin.method
def die():
    """Ends with status 3."""
    print("about to die \\x1b[31m")
    os._exit(3)

@plugin.method
def grow():
    kept.append(bytearray(128_000_000))
    time.sleep(60)

@plugin.method(timeout=0.3)
def hang():
    time.sleep(0.6)

@plugin.method
def garbage():
    os.write(plugin._out.fileno(), b"no line of ours\\n" * 200)
    time.sleep(60)

@plugin.method
def fail():
    raise ValueError("no such city", 7)

@plugin.service("inbox")
def heard(message):
    with open("HEARD", "a") as file:
        file.write(message.text + "\\n")

plugin.run()
`;

interface Shown {
  readonly version: string;
  readonly state: string;
  readonly pid: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly ends: Readonly<Record<string, number>>;
  readonly error: { readonly code: string } | null;
}

/** Puts the harmful plugin in place at once, as an installer does. */
function install(version: string): void {
  const path = join(directory, 'harm.py');
  const text = HARMFUL.replace('VERSION', version).replace('HEARD', home.file('heard'));
  writeFileSync(`${path}~`, text);
  chmodSync(`${path}~`, 0o755);
  renameSync(`${path}~`, path);
}

function show(name: string): Promise<Shown> {
  return home.json<Shown>(['plugin', 'show', name, '--at', 'web1', '--json']);
}

/** Waits until a plugin is as `isSo` says. */
function shown(name: string, isSo: (plugin: Shown) => boolean): Promise<Shown> {
  return until(`${name} is so`, async () => {
    const plugin = await show(name);
    return isSo(plugin) && plugin;
  });
}

const call = (method: string, ...args: string[]) => home.run(['call', 'web1:', method, ...args]);

test.before(async () => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const file of EXAMPLES) {
    copyFileSync(join(PROJECT, 'examples/plugins', file), join(directory, file));
  }
  await home.startTree({ root: null, web1: 'root' });
});
test.after(() => home.close());

test('the examples run, in Python, sh and TypeScript, and are called from elsewhere', async () => {
  await home.ok(['plugin', 'reload', '--at', 'web1']);
  const [disk, uptime, words] = await Promise.all([
    home.json<{ total: number }>(['call', 'web1:', 'disk.usage', '/']),
    home.ok(['call', 'web1:', 'uptime.seconds']),
    home.ok(['call', 'web1:', 'words.count', 'one two three']),
  ]);
  assert.ok(disk.total > 0);
  assert.match(uptime, /^\d+\n$/);
  assert.is(words, '3\n');
  const help = await home.json<Record<string, string>>(['call', 'web1:', 'admin.help']);
  assert.match(help['disk.usage(path?)'] ?? '', /^Tells total, used and free bytes/);
  const { status, stderr } = await call('disk.usage', '/no/such/path');
  assert.is(status, 1);
  assert.match(stderr, /FileNotFoundError at web1:dagent: .*\(E_REMOTE at web1\)/);
  const refused = await call('uptime.fail');
  assert.match(refused.stderr, 'Refused at web1:dagent: not today');
});

test('a plugin has a service that is asked, hears events, and reports what it counts', async () => {
  const asked = await home.shell('echo one two | dagent send words COUNT --data - --request');
  assert.equal([asked.status, asked.stdout.trim()], [0, '2']);
  assert.match(await home.ok(['services']), /words +web1/);
  await home.shell('echo one two three four | dagent publish words.add --data -');
  await until('all words are counted', async () => {
    const figures = await home.json<{ plugin: string; name: string; value: number }[]>([
      ...['call', 'web1:', 'plugin.statistics'],
    ]);
    const total = figures.find(({ plugin }) => plugin === 'words');
    return total?.name === 'total' && total.value === 9;
  });
  const text = await home.ok(['plugin', 'show', 'uptime', '--at', 'web1']);
  assert.match(text, /schedules {2}measure {2}every 10s; runs \d+; next in/);
  assert.match(text, /figures {4}up {2}gauge {2}\d+ seconds/);
});

test('a file that comes, changes or goes is noticed without a word', async () => {
  install('1');
  const first = await shown('harm.py', ({ state }) => state === 'running');
  assert.is(first.version, '1');
  install('2');
  const second = await shown(
    'harm',
    ({ version, state }) => version === '2' && state === 'running',
  );
  assert.is.not(second.pid, first.pid);
  assert.not.ok(isRunning(first.pid));
  rmSync(join(directory, 'uptime.sh'));
  await until('uptime is gone', async () => (await call('uptime.seconds')).status !== 0);
  const { status, stderr } = await home.run(['plugin', 'show', 'uptime', '--at', 'web1']);
  assert.is(status, 3);
  assert.match(stderr, 'E_NO_PLUGIN');
});

test('one that dies in a call ends it with a code, and comes back', async () => {
  const { status, stderr } = await call('harm.die');
  assert.is(status, 5);
  assert.match(stderr, 'the plugin harm.py ended: status 3 (E_PLUGIN_DIED at web1)');
  const { ends, counters } = await shown('harm', ({ state }) => state === 'running');
  assert.is(ends.E_PLUGIN_DIED, 1);
  assert.is(counters.starts, 3);
  const log = await home.ok(['daemon', 'logs', 'web1', '--json']);
  const said = recordsOf<{ msg: string; text?: string }>(log).filter(({ msg }) => /says/.test(msg));
  assert.equal(
    said.map(({ text }) => text),
    ['about to die \\x1b[31m'],
  );
});

test('more memory, a call without an end, garbage: each ends with its code', async () => {
  const cases = [
    ['grow', 'E_PLUGIN_MEMORY', 5],
    ['hang', 'E_PLUGIN_TIMEOUT', 124],
    ['garbage', 'E_PLUGIN_BROKEN', 5],
  ] as const;
  for (const [method, code, exit] of cases) {
    await shown('harm', ({ state }) => state === 'running');
    const { status, stderr } = await call(`harm.${method}`);
    assert.match(stderr, code);
    assert.is(status, exit);
  }
  const { ends, counters } = await shown('harm', ({ state }) => state === 'running');
  assert.equal(ends, { E_PLUGIN_DIED: 1, E_PLUGIN_MEMORY: 1, E_PLUGIN_BROKEN: 1 });
  assert.equal([counters.timeouts, counters.late, counters.faults], [1, 1, 101]);
  const table = await home.ok(['plugin', 'ls', '--at', 'web1']);
  assert.match(table, /^harm +2 +running/m);
  const { stderr } = await call('harm.fail');
  assert.match(stderr, "ValueError at web1:dagent: ('no such city', 7)");
});

test('a message for a service of a plugin that is being started again is kept for it', async () => {
  const { pid } = await shown('harm', ({ state }) => state === 'running');
  process.kill(pid, 'SIGKILL');
  // It may be back before we look.
  await shown('harm', (plugin) => plugin.state !== 'running' || plugin.pid !== pid);
  const lines = ['one', 'two'].map(
    (text) => `printf ${text} | dagent send web1:inbox NOTE --data -`,
  );
  const { status } = await home.shell(lines.join(' && '));
  assert.is(status, 0);
  await until('both are heard', async () => {
    const text = existsSync(home.file('heard')) ? readFileSync(home.file('heard'), 'utf8') : '';
    return text === 'one\ntwo\n';
  });
});

test('what others could change is not run', async () => {
  chmodSync(join(directory, 'harm.py'), 0o777);
  const { error } = await shown('harm.py', ({ state }) => state === 'unsafe');
  assert.is(error?.code, 'E_PLUGIN_UNSAFE');
  const reload = await home.run(['plugin', 'reload', 'harm.py', '--at', 'web1']);
  assert.is(reload.status, 4);
  assert.match(reload.stderr, /harm\.py cannot be trusted: others may write to it \(mode 0777\)/);
  assert.is((await call('harm.fail')).status, 1, 'it has no such method any more');
  const open = home.file('open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const start = ['daemon', 'start', '--name', 'web2', '--plugins', open];
  const refused = await home.run(start);
  assert.is(refused.status, 4);
  assert.match(refused.stderr, 'E_PLUGIN_UNSAFE');
  const missing = await home.run([...start.slice(0, -1), home.file('nowhere')]);
  assert.match(missing.stderr, 'there is no such directory');
});

test('a directory can be named; plugins end with their daemon, also when killed', async () => {
  const own = home.file('own');
  mkdirSync(own, { mode: 0o755 });
  copyFileSync(join(PROJECT, 'examples/plugins/disk.py'), join(own, 'disk.py'));
  await home.daemon('web2', ['--plugins', own, '--parent', home.socketUrl('root')]);
  const pid = async (): Promise<number> => {
    const args = ['plugin', 'reload', 'disk', '--at', 'web2', '--json'];
    const { plugins } = await home.json<{ plugins: { pid: number }[] }>(args);
    return plugins[0]?.pid ?? 0;
  };
  const first = await until('disk is known', () => pid().catch(() => undefined));
  await home.kill9('web2');
  await until('the plugin has ended', () => !isRunning(first));
  await home.ok(['daemon', 'restart', 'web2']);
  const second = await until('disk runs again', () => pid().catch(() => undefined));
  await home.ok(['daemon', 'stop', 'web2']);
  assert.not.ok(isRunning(second));
});

test.run();
