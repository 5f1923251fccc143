import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { PLUGIN_SCAN_MS, PLUGIN_SETTLE_MS, PLUGINS_MAX } from '../../src/protocol/limits.ts';
import type { PluginDetails, ReloadRecord, Statistic } from '../../src/protocol/plugin-record.ts';
import { quiet } from '../endpoint/pair.ts';
import { found, PluginsBench } from './plugin-bench.ts';

/** A node whose plugins `a.py` and `b.sh` run. */
function start(): PluginsBench {
  const bench = new PluginsBench();
  bench.files = [found('a.py'), found('b.sh')];
  bench.plugins.start();
  bench.greet('a.py');
  bench.greet('b.sh');
  return bench;
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as DagentError).code;
  }
  return undefined;
}

test('what lies there is run, and its methods stand beside the others', () => {
  const bench = start();
  assert.equal(bench.states(), { 'a.py': 'running', 'b.sh': 'running' });
  assert.equal(bench.child('a.py').request.argv, ['/plugins/a.py']);
  assert.equal(bench.child('a.py').request.env, { LANG: 'C', DAGENT_PLUGIN: 'a.py' });
  assert.equal(Object.keys(bench.methods), ['a.now', 'b.now']);
  assert.is(bench.methods['a.now']?.doc, 'Now.');
});

test('a change is looked at once it has settled for PLUGIN_SETTLE_MS', () => {
  const bench = start();
  bench.files = [found('b.sh'), found('c.py')];
  bench.change();
  bench.clock.advance(PLUGIN_SETTLE_MS - 1);
  bench.change();
  bench.clock.advance(PLUGIN_SETTLE_MS - 1);
  assert.equal(Object.keys(bench.states()), ['a.py', 'b.sh']);
  bench.clock.advance(1);
  assert.equal(bench.states(), { 'b.sh': 'running', 'c.py': 'starting' });
  assert.ok(bench.child('a.py').isStdinEnded);
  assert.equal(Object.keys(bench.methods), ['b.now']);
});

test('what nobody told of is found within PLUGIN_SCAN_MS', () => {
  const bench = start();
  bench.files = [found('a.py', { fingerprint: '2' }), found('b.sh')];
  bench.clock.advance(PLUGIN_SCAN_MS - 1);
  assert.not.ok(bench.child('a.py').isStdinEnded);
  bench.clock.advance(1);
  const former = bench.child('a.py');
  assert.ok(former.isStdinEnded);
  former.exit(0);
  assert.is.not(bench.child('a.py'), former, 'the new one runs');
  assert.equal(bench.states(), { 'a.py': 'starting', 'b.sh': 'running' });
});

test('what others can change is not run, and stopped when it comes to that', () => {
  const bench = start();
  const untrusted = { path: '/plugins/a.py', reason: 'others may write to it' };
  bench.files = [found('a.py', { fingerprint: '2', untrusted }), found('b.sh')];
  bench.clock.advance(PLUGIN_SCAN_MS);
  assert.ok(bench.child('a.py').isStdinEnded);
  assert.equal(bench.states(), { 'b.sh': 'running', 'a.py': 'unsafe' });
  assert.ok(bench.codes().includes('E_PLUGIN_UNSAFE'));
  const { error } = bench.ask<PluginDetails>('show', 'a.py');
  assert.equal(error, { code: 'E_PLUGIN_UNSAFE', values: untrusted, origin: 'here' });
  bench.files = [found('a.py', { fingerprint: '3' }), found('b.sh')];
  bench.clock.advance(PLUGIN_SCAN_MS);
  assert.equal(bench.states(), { 'b.sh': 'running', 'a.py': 'starting' });
});

test('of a directory that others can change nothing is run, and it is said once', () => {
  const bench = start();
  bench.refusal = new DagentError('E_PLUGIN_UNSAFE', { path: '/plugins', reason: 'mode 0777' });
  bench.clock.advance(PLUGIN_SCAN_MS * 3);
  assert.ok(bench.child('a.py').isStdinEnded);
  assert.is(
    codeOf(() => bench.ask('ls')),
    'E_PLUGIN_UNSAFE',
  );
  assert.is(
    codeOf(() => bench.ask('show', 'a.py')),
    'E_PLUGIN_UNSAFE',
  );
  assert.is(bench.logged.filter(({ message }) => message === 'plugins are not run').length, 1);
});

test('more than PLUGINS_MAX are not run', () => {
  const bench = new PluginsBench();
  const names = Array.from({ length: PLUGINS_MAX + 1 }, (_, index) => `p${index + 100}.sh`);
  bench.files = names.map((name) => found(name));
  bench.plugins.start();
  assert.is(bench.spawner.children.length, PLUGINS_MAX);
  assert.is(bench.codes().at(-1), 'E_TOO_MANY_PLUGINS');
});

test('a class or a name that is taken is refused, with who has it', () => {
  const bench = start();
  bench.files = [...bench.files, found('c.py'), found('d.py'), found('e.py')];
  bench.clock.advance(PLUGIN_SCAN_MS);
  bench.greet('c.py', { classes: { info: {} } });
  bench.greet('d.py', { classes: { b: {} } });
  bench.greet('e.py', {}, 'a');
  const reasons = ['c.py', 'd.py', 'e.py'].map(
    (file) => bench.ask<PluginDetails>('show', file).error?.values.reason,
  );
  assert.equal(reasons, [
    "the class info is the node's own",
    'the class b is that of b.sh',
    'its name a is that of a.py',
  ]);
});

test('one is shown by its name or by its file; others are none', () => {
  const bench = start();
  assert.is(bench.ask<PluginDetails>('show', 'a').file, 'a.py');
  assert.is(bench.ask<PluginDetails>('show', 'a.py').name, 'a');
  assert.is(
    codeOf(() => bench.ask('show', 'z')),
    'E_NO_PLUGIN',
  );
  assert.is(
    codeOf(() => bench.ask('show')),
    'E_NO_PLUGIN',
  );
});

test('a reload looks at once, and waits until it is clear how what it started is', async () => {
  const bench = start();
  bench.files = [found('a.py'), found('b.sh', { fingerprint: '2' }), found('c.py')];
  const reloading = bench.ask<Promise<ReloadRecord>>('reload');
  bench.child('b.sh').exit(0);
  bench.greet('b.sh');
  bench.child('c.py').exit(1);
  const { started, restarted, stopped, unchanged, plugins } = await reloading;
  assert.equal([started, restarted, stopped, unchanged], [['c.py'], ['b.sh'], [], 1]);
  assert.equal(
    plugins.map(({ file, state }) => [file, state]),
    [
      ['c.py', 'waiting'],
      ['b.sh', 'running'],
    ],
  );
});

test('one that is named is started anew, also when it has not changed', async () => {
  const bench = start();
  const reloading = bench.ask<Promise<ReloadRecord>>('reload', 'a');
  bench.child('a.py').exit(0);
  bench.greet('a.py');
  const { restarted, unchanged } = await reloading;
  assert.equal([restarted, unchanged], [['a.py'], 1]);
  const missing = await bench.ask<Promise<ReloadRecord>>('reload', 'z').catch((error) => error);
  assert.is((missing as DagentError).code, 'E_NO_PLUGIN');
});

test('statistics are those of all plugins', () => {
  const bench = start();
  bench.say('a.py', { type: 'statistic', name: 'used', value: 7, unit: 'percent' });
  const [{ ageMs, ...used } = { ageMs: null }] = bench.ask<Statistic[]>('statistics');
  assert.is(ageMs, 0);
  const expected = { plugin: 'a', name: 'used', kind: 'gauge', value: 7, unit: 'percent', doc: '' };
  assert.equal(used, expected);
});

test('stopping ends all of them, also one that was just taken away, and every timer', async () => {
  const bench = start();
  bench.files = [found('a.py')];
  bench.clock.advance(PLUGIN_SCAN_MS);
  let isStopped = false;
  void bench.plugins.stop().then(() => {
    isStopped = true;
  });
  assert.not.ok(bench.isWatched);
  bench.child('a.py').exit(0);
  await quiet();
  assert.not.ok(isStopped, 'b.sh is not gone yet');
  bench.child('b.sh').exit(0);
  await quiet();
  assert.ok(isStopped);
  assert.is(bench.clock.timerCount, 0);
});

test('a plugin raises and lowers flags under its own name', async () => {
  const bench = new PluginsBench();
  bench.files = [found('a.py')];
  bench.plugins.start();
  const raised = { type: 'raise', section: 'md0', flag: 'degraded', message: 'a disk is gone' };
  bench.say('a.py', raised);
  bench.greet('a.py');
  assert.equal(bench.flags, []);
  bench.say('a.py', raised);
  bench.say('a.py', { type: 'lower', section: 'md0', flag: 'degraded' });
  const key = { service: 'a', section: 'md0', flag: 'degraded' };
  const other = { priority: undefined, tags: undefined, isManual: false };
  const wish = { message: 'a disk is gone', ...other };
  assert.equal(bench.flags, [
    { kind: 'raise', key, wish, by: 'here:a' },
    { kind: 'lower', key, isByHand: false },
  ]);
  bench.flagRefusal = new DagentError('E_TOO_MANY_FLAGS', { flag: 'a/md0/degraded', max: 128 });
  bench.say('a.py', raised);
  await quiet();
  assert.match(bench.logged.at(-1)?.message ?? '', /a flag of a plugin is refused/);
});

test('the name of the daemon is no name for a plugin', () => {
  const bench = new PluginsBench();
  bench.files = [found('a.py')];
  bench.plugins.start();
  bench.greet('a.py', {}, 'dagent');
  assert.equal(bench.codes(), ['E_PLUGIN_REFUSED']);
});

test.run();
