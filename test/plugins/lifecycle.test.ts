import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BACKOFF_MS_MAX,
  BACKOFF_MS_MIN,
  PLUGIN_GRACE_MS,
  PLUGIN_HELLO_MS_MAX,
  PLUGIN_STABLE_MS,
  PLUGIN_STOP_MS,
} from '../../src/protocol/limits.ts';
import { HELLO, PluginBench } from './bench.ts';

test('it is started, greeted, and up once its hello is taken', () => {
  const bench = new PluginBench();
  bench.feed({ kind: 'tick' });
  assert.is(bench.plugin.phase, 'starting');
  assert.equal(bench.written, [
    { type: 'hello', protocol: 1, node: 'here', file: 'weather.py', dagent: '0.0.1' },
  ]);
  bench.feed({ kind: 'spawned', pid: 7 });
  const [greeted] = bench.say(HELLO);
  assert.is(greeted?.kind, 'greeted');
  assert.is(bench.count('up'), 0);
  if (greeted?.kind === 'greeted') bench.feed({ kind: 'accepted', hello: greeted.hello });
  assert.is(bench.plugin.phase, 'running');
  assert.is(bench.count('up'), 1);
});

test('who says no hello within PLUGIN_HELLO_MS_MAX is killed, and started again', () => {
  const bench = new PluginBench();
  bench.feed({ kind: 'tick' });
  bench.advance(PLUGIN_HELLO_MS_MAX - 1);
  assert.equal(bench.signals, []);
  bench.advance(1);
  assert.equal(bench.signals, ['SIGKILL']);
  bench.feed({ kind: 'exited', code: null, signal: 'SIGKILL' });
  assert.is(bench.plugin.error?.code, 'E_PLUGIN_SILENT');
  assert.is(bench.plugin.phase, 'waiting');
  bench.advance(BACKOFF_MS_MIN);
  assert.is(bench.count('spawn'), 2);
});

test('whoever dies is started again after longer and longer waits, drawn by chance', () => {
  const waits = Array.from({ length: 40 }, (_, seed) => {
    const bench = new PluginBench(seed);
    bench.run();
    const drawn: number[] = [];
    for (let round = 0; round < 10; round++) {
      bench.feed({ kind: 'exited', code: 1, signal: null });
      // By chance it may also be started at once.
      const isWaiting = bench.plugin.phase === 'waiting';
      drawn.push(isWaiting ? bench.plugin.phaseEndsAtMs - bench.nowMs : 0);
      if (isWaiting) bench.advance(drawn.at(-1) ?? 0);
      assert.is(bench.plugin.phase, 'starting');
    }
    return drawn;
  });
  for (const drawn of waits) {
    for (const [round, waitMs] of drawn.entries()) {
      assert.ok(waitMs <= Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** round));
    }
  }
  const latest = waits.map((drawn) => drawn.at(-1) ?? 0);
  assert.ok(Math.max(...latest) > BACKOFF_MS_MAX / 2);
  assert.ok(Math.min(...latest) < BACKOFF_MS_MAX / 2);
});

test('after a run of PLUGIN_STABLE_MS the waits are short again', () => {
  const bench = new PluginBench();
  bench.run();
  for (let round = 0; round < 10; round++) {
    bench.feed({ kind: 'exited', code: 1, signal: null });
    bench.advance(BACKOFF_MS_MAX);
  }
  const greeted = bench.say(HELLO).find((output) => output.kind === 'greeted');
  if (greeted?.kind === 'greeted') bench.feed({ kind: 'accepted', hello: greeted.hello });
  bench.advance(PLUGIN_STABLE_MS);
  bench.feed({ kind: 'exited', code: 1, signal: null });
  assert.ok(bench.plugin.phaseEndsAtMs - bench.nowMs <= BACKOFF_MS_MIN);
});

test('a death is counted by why, and ends what was asked', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask();
  bench.feed({ kind: 'exited', code: 3, signal: null });
  assert.is(bench.code(id), 'E_PLUGIN_DIED');
  assert.equal(bench.plugin.error?.values, { file: 'weather.py', how: 'status 3' });
  assert.equal(bench.plugin.ends, { E_PLUGIN_DIED: 1 });
  assert.is(bench.count('down'), 1);
  assert.ok(bench.messages.includes('plugin down'));
});

test('what cannot be started is tried again', () => {
  const bench = new PluginBench();
  bench.feed({ kind: 'tick' });
  bench.feed({ kind: 'notStarted', reason: 'no such program' });
  assert.is(bench.plugin.phase, 'waiting');
  assert.is(bench.plugin.error?.values.how, 'no such program');
});

test('to stop it its stdin is ended, then come TERM after PLUGIN_STOP_MS and KILL', () => {
  const bench = new PluginBench();
  bench.run();
  bench.feed({ kind: 'stop' });
  assert.is(bench.count('endStdin'), 1);
  assert.is(bench.count('leave'), 1);
  bench.advance(PLUGIN_STOP_MS - 1);
  assert.equal(bench.signals, []);
  bench.advance(1);
  assert.equal(bench.signals, ['SIGTERM']);
  bench.advance(PLUGIN_GRACE_MS);
  assert.equal(bench.signals, ['SIGTERM', 'SIGKILL']);
  bench.feed({ kind: 'exited', code: null, signal: 'SIGKILL' });
  assert.is(bench.plugin.phase, 'ended');
  assert.is(bench.count('ended'), 1);
  assert.is(bench.plugin.wakeAtMs, Number.POSITIVE_INFINITY);
  assert.equal(bench.plugin.ends, {}, 'it was wanted');
});

test('what is asked to end may still answer what it was asked', () => {
  const bench = new PluginBench();
  bench.run();
  const [answered, left] = [bench.ask(), bench.ask()];
  bench.feed({ kind: 'restart' });
  assert.is(bench.code(bench.ask()), 'E_PLUGIN_DOWN', 'nothing new comes to it');
  bench.say({ type: 'result', id: answered, value: 1 });
  assert.equal(bench.outcome(answered), { value: 1 });
  bench.feed({ kind: 'exited', code: 0, signal: null });
  assert.is(bench.code(left), 'E_PLUGIN_DIED');
  assert.is(bench.count('spawn'), 2, 'it is started at once');
});

test('a restart ends a wait; a stop ends it for good, whatever was to come', () => {
  const bench = new PluginBench();
  bench.run();
  bench.feed({ kind: 'exited', code: 1, signal: null });
  bench.feed({ kind: 'restart' });
  assert.is(bench.plugin.phase, 'starting');
  bench.feed({ kind: 'restart' });
  bench.feed({ kind: 'stop' });
  bench.feed({ kind: 'restart' });
  bench.feed({ kind: 'exited', code: 0, signal: null });
  assert.is(bench.plugin.phase, 'ended');
});

test('whose hello is not taken is ended, and started again only when somebody says so', () => {
  const bench = new PluginBench();
  bench.feed({ kind: 'tick' });
  bench.say(HELLO);
  bench.feed({ kind: 'refused', reason: "the class info is the node's own" });
  assert.is(bench.count('endStdin'), 1);
  bench.feed({ kind: 'exited', code: 0, signal: null });
  assert.is(bench.plugin.phase, 'refused');
  bench.advance(3_600_000);
  assert.is(bench.count('spawn'), 1);
  bench.feed({ kind: 'restart' });
  assert.is(bench.count('spawn'), 2);
});

test('what is killed is not heard any more, and stays killed when it is stopped meanwhile', () => {
  const bench = new PluginBench();
  bench.run();
  bench.feed({ kind: 'memory', bytes: Number.MAX_SAFE_INTEGER });
  assert.equal(bench.signals, ['SIGKILL']);
  bench.say('garbage');
  assert.is(bench.plugin.counters.faults, 0);
  bench.feed({ kind: 'stop' });
  bench.feed({ kind: 'exited', code: null, signal: 'SIGKILL' });
  assert.is(bench.plugin.phase, 'ended');
});

test.run();
