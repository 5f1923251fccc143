import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  PLUGIN_CALLS_MAX,
  PLUGIN_INPUT_BYTES_MAX,
  PLUGIN_RELEASE_MS_MAX,
} from '../../src/protocol/limits.ts';
import { PluginBench } from './bench.ts';

test('what is asked is written with its number right behind its kind, and answered by that', () => {
  const bench = new PluginBench();
  bench.run();
  const [first, second] = [bench.ask(), bench.ask()];
  const line = bench.all('write').at(-1)?.bytes.toString();
  assert.is(line, `{"type":"call","id":${second},"method":"weather.now"}\n`);
  bench.say({ type: 'result', id: second, value: [1, 'two'] }, { type: 'result', id: first });
  assert.equal(bench.outcome(second), { value: [1, 'two'] });
  assert.equal(bench.outcome(first), { value: null });
  assert.is(bench.plugin.counters.calls, 2);
});

test('what it raises arrives with its class, its message and its arguments', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask();
  const fault = { class: 'ValueError', module: 'm', message: 'no such city', args: ['X', 1] };
  bench.say({ type: 'error', id, ...fault });
  assert.equal(bench.outcome(id), { fault });
  assert.is(bench.plugin.counters.errors, 1);
});

test('progress is passed on to who waits, and to nobody else', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask();
  bench.say({ type: 'progress', id, value: { percent: 50 } });
  assert.equal(bench.all('progress'), [{ kind: 'progress', id, value: { percent: 50 } }]);
  bench.feed({ kind: 'cancel', id });
  bench.say({ type: 'progress', id, value: 1 });
  assert.is(bench.count('progress'), 1);
});

test('what is not answered in its time is over, and the plugin is told to let go', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask(2_000);
  bench.advance(1_999);
  assert.is(bench.outcome(id), undefined);
  bench.advance(1);
  assert.is(bench.code(id), 'E_PLUGIN_TIMEOUT');
  assert.equal(bench.written.at(-1), { type: 'cancel', id });
  bench.say({ type: 'result', id, value: 1 });
  assert.is(bench.plugin.counters.late, 1);
  assert.is(bench.plugin.counters.timeouts, 1);
  bench.advance(PLUGIN_RELEASE_MS_MAX * 2);
  assert.is(bench.plugin.phase, 'running', 'it has let go');
});

test('who does not let go within PLUGIN_RELEASE_MS_MAX is killed', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask(2_000);
  bench.advance(2_000 + PLUGIN_RELEASE_MS_MAX - 1);
  const waiting = bench.ask(60_000);
  assert.equal(bench.signals, []);
  bench.advance(1);
  assert.equal(bench.signals, ['SIGKILL']);
  assert.is(bench.code(id), 'E_PLUGIN_TIMEOUT');
  assert.is(bench.code(waiting), 'E_PLUGIN_STUCK', 'it would have waited for ever');
  bench.feed({ kind: 'exited', code: null, signal: 'SIGKILL' });
  assert.equal(bench.plugin.ends, { E_PLUGIN_STUCK: 1 });
});

test('one that is asked to end while it is stuck is not looked at for ever', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask(1_000);
  bench.advance(1_000 + PLUGIN_RELEASE_MS_MAX - 500);
  bench.feed({ kind: 'stop' });
  bench.advance(600);
  assert.ok(bench.plugin.wakeAtMs > bench.nowMs);
  assert.is(bench.code(id), 'E_PLUGIN_TIMEOUT');
  assert.equal(bench.signals, [], 'its end is coming');
});

test('who waits behind a long call does not count as stuck', () => {
  const bench = new PluginBench();
  bench.run();
  const long = bench.ask(600_000);
  const behind = bench.ask(1_000);
  bench.advance(60_000);
  assert.is(bench.code(behind), 'E_PLUGIN_TIMEOUT');
  assert.equal(bench.signals, []);
  bench.say({ type: 'result', id: long, value: 'done' });
  assert.equal(bench.outcome(long), { value: 'done' });
});

test('who cancels has an outcome at once; the plugin keeps the time that it had', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask(60_000);
  bench.advance(100);
  bench.feed({ kind: 'cancel', id });
  bench.feed({ kind: 'cancel', id });
  assert.is(bench.code(id), 'E_CANCELLED');
  assert.equal(bench.written.filter(({ type }) => type === 'cancel').length, 1);
  bench.advance(30_000);
  assert.equal(bench.signals, []);
});

test('more than PLUGIN_CALLS_MAX at a time are refused', () => {
  const bench = new PluginBench();
  bench.run();
  const ids = Array.from({ length: PLUGIN_CALLS_MAX }, () => bench.ask());
  assert.is(bench.code(bench.ask()), 'E_PLUGIN_BUSY');
  bench.say({ type: 'result', id: ids[0], value: 1 });
  assert.is(bench.code(bench.ask()), undefined);
});

test('who does not read more than PLUGIN_INPUT_BYTES_MAX is asked and told nothing more', () => {
  const bench = new PluginBench();
  bench.run();
  const line = { data: 'x'.repeat(PLUGIN_INPUT_BYTES_MAX / 2) };
  bench.feed({ kind: 'tell', type: 'message', line });
  assert.is(bench.plugin.counters.messages, 1);
  bench.feed({ kind: 'tell', type: 'event', line });
  assert.is(bench.plugin.counters.dropped, 1);
  const id = bench.ask();
  assert.is(bench.code(id), undefined, 'there is room for a little');
  bench.feed({ kind: 'drained' });
  bench.feed({ kind: 'tell', type: 'event', line });
  assert.is(bench.plugin.counters.events, 1);
  assert.is(bench.plugin.counters.dropped, 1);
});

test('an answer to nothing is counted; one that is closed to us is dead', () => {
  const bench = new PluginBench();
  bench.run();
  bench.say({ type: 'result', id: 4711, value: 1 });
  assert.is(bench.plugin.counters.strays, 1);
  const id = bench.ask();
  bench.feed({ kind: 'deaf' });
  assert.is(bench.code(id), 'E_PLUGIN_DIED');
  assert.equal(bench.signals, ['SIGKILL']);
});

test('what is asked of one that does not run is refused with what it does', () => {
  const bench = new PluginBench();
  const id = bench.ask();
  assert.is(bench.code(id), 'E_PLUGIN_DOWN');
  bench.feed({ kind: 'tell', type: 'message', line: {} });
  assert.is(bench.plugin.counters.dropped, 1);
});

test.run();
