import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewDetails } from '../../src/plugins/view.ts';
import { PLUGIN_TEXT_LENGTH_MAX } from '../../src/protocol/limits.ts';
import type { ScheduleRecord } from '../../src/protocol/plugin-record.ts';
import { HELLO, PluginBench } from './bench.ts';

function start(schedule: object): PluginBench {
  const bench = new PluginBench();
  bench.run({ ...HELLO, schedules: [{ name: 'measure', everyMs: 10_000, ...schedule }] });
  return bench;
}

/** Numbers of the runs that it was told to do. */
function runs(bench: PluginBench): number[] {
  return bench.written.filter(({ type }) => type === 'run').map(({ id }) => Number(id));
}

function view(bench: PluginBench): ScheduleRecord {
  const { schedules } = viewDetails(bench.plugin, { path: '', missing: {} }, bench.nowMs);
  return schedules[0] as ScheduleRecord;
}

test('it runs at once, then every so often', () => {
  const bench = start({});
  for (let count = 1; count <= 4; count++) {
    assert.is(runs(bench).length, count);
    bench.say({ type: 'result', id: runs(bench).at(-1), value: count });
    bench.advance(9_999);
    assert.is(runs(bench).length, count);
    bench.advance(1);
  }
  const { runCount, failureCount, skippedCount, result, error } = view(bench);
  assert.equal([runCount, failureCount, skippedCount, result, error], [5, 0, 0, '4', null]);
});

test('jitter makes each run late by chance, and the grid stays', () => {
  const bench = start({ jitterMs: 4_000 });
  const startedAtMs = bench.nowMs;
  const lateMs: number[] = [];
  for (let period = 0; period < 20; period++) {
    const before = runs(bench).length;
    while (runs(bench).length === before) bench.advance(50);
    lateMs.push(bench.nowMs - startedAtMs - period * 10_000);
    bench.say({ type: 'result', id: runs(bench).at(-1) });
  }
  assert.ok(lateMs.every((ms) => ms >= 0 && ms <= 4_050));
  assert.ok(Math.max(...lateMs) - Math.min(...lateMs) > 1_000);
});

test('what still runs is not run once more, also when its time is over', () => {
  const bench = start({ timeoutMs: 12_000 });
  bench.advance(12_000);
  assert.is(runs(bench).length, 1);
  assert.is(view(bench).skippedCount, 1);
  assert.is(view(bench).error?.code, 'E_PLUGIN_TIMEOUT');
  assert.ok(view(bench).isRunning, 'the plugin has not let go of it');
  bench.say({ type: 'result', id: runs(bench)[0] });
  assert.not.ok(view(bench).isRunning);
  bench.advance(8_000);
  assert.is(runs(bench).length, 2);
});

test('what was missed while the host slept is not made up for', () => {
  const bench = start({});
  bench.say({ type: 'result', id: runs(bench)[0] });
  bench.nowMs += 95_000;
  bench.feed({ kind: 'tick' });
  assert.is(runs(bench).length, 2);
  bench.say({ type: 'result', id: runs(bench)[1] });
  bench.advance(4_999);
  assert.is(runs(bench).length, 2);
  bench.advance(1);
  assert.is(runs(bench).length, 3);
});

test('the last result is shown, cut to PLUGIN_TEXT_LENGTH_MAX; an error takes its place', () => {
  const bench = start({});
  bench.advance(20);
  bench.say({ type: 'result', id: runs(bench)[0], value: 'x'.repeat(PLUGIN_TEXT_LENGTH_MAX) });
  assert.is(view(bench).result?.length, PLUGIN_TEXT_LENGTH_MAX);
  assert.is(view(bench).tookMs, 20);
  bench.advance(10_000);
  bench.say({
    type: 'error',
    id: runs(bench)[1],
    class: 'OSError',
    message: 'gone',
    args: [{ constructor: 1 }],
  });
  const { result, error, failureCount, agoMs } = view(bench);
  assert.equal([result, failureCount, agoMs], [null, 1, 0]);
  assert.is(error?.values.class, 'OSError');
  assert.is(error?.details, undefined, 'what cannot travel would hide all else');
});

test('what is known of a schedule stays when its plugin is started again', () => {
  const bench = start({});
  bench.say({ type: 'result', id: runs(bench)[0], value: 1 });
  bench.feed({ kind: 'exited', code: 1, signal: null });
  assert.is(view(bench).dueMs, null);
  bench.feed({ kind: 'restart' });
  const hello = { ...HELLO, schedules: [{ name: 'measure', everyMs: 10_000 }] };
  const [greeted] = bench.say(hello);
  if (greeted?.kind === 'greeted') bench.feed({ kind: 'accepted', hello: greeted.hello });
  assert.is(view(bench).runCount, 2);
  assert.is(view(bench).result, '1');
});

test('a run that ends with its plugin has failed', () => {
  const bench = start({});
  bench.feed({ kind: 'exited', code: 1, signal: null });
  assert.is(view(bench).error?.code, 'E_PLUGIN_DIED');
  assert.is(view(bench).failureCount, 1);
});

test.run();
