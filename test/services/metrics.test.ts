import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import {
  METRICS_HELD_MAX,
  METRICS_MS_DEFAULT,
  METRICS_MS_MAX,
  METRICS_SERIES_MAX,
  METRICS_SILENT_MAX,
  REPORT_NAME_LENGTH_MAX,
  SERIES_LINE_BYTES_MAX,
} from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';
import { answerOf, counterOf, type Got, MetricsBench } from './metrics-bench.ts';

const NONE = { nodes: 1, silent: [], silentMore: 0, leftOut: 0 };

/** Names with totals. */
function totals({ series }: Got): string[] {
  return series.map((each) => `${each.name} ${each.kind === 'counter' ? each.total : '?'}`);
}

async function refusal(bench: MetricsBench, ...args: readonly unknown[]): Promise<string> {
  const { asking } = await bench.get(...args);
  return asking.outcome.then(
    () => 'none',
    ({ code }: DagentError) => code,
  );
}

test('a node tells its own series, and asks nobody', async () => {
  const bench = new MetricsBench().child('east');
  bench.own = [counterOf('orders.paid', 3), counterOf('orders.lost', 1)];
  const got = await bench.get();
  assert.equal(totals(got), ['orders.paid 3', 'orders.lost 1']);
  assert.equal(await answerOf(got), NONE);
  assert.is(bench.asked.length, 0);
});

test('a pattern chooses among names, here and below', async () => {
  const bench = new MetricsBench().child('east');
  bench.own = [counterOf('orders.paid', 3), counterOf('hits', 1)];
  const got = await bench.get('subtree', 'orders.*');
  assert.equal(bench.question('east').args[1], 'orders.*');
  await bench.end('east');
  assert.equal(totals(got), ['orders.paid 3']);
});

test('a subtree is what the children say and what is here, merged', async () => {
  const bench = new MetricsBench().child('east').child('west');
  bench.own = [counterOf('a', 1)];
  const got = await bench.get('subtree');
  await bench.say('east', counterOf('a', 10), counterOf('b', 5));
  await bench.end('east', { nodes: 4 });
  await bench.say('west', counterOf('b', 7));
  await bench.end('west', { nodes: 2, leftOut: 3 });
  assert.equal(totals(got), ['a 11', 'b 12']);
  assert.equal(await answerOf(got), { ...NONE, nodes: 7, leftOut: 3 });
});

test('a child has nine tenths of the time, and is told so', async () => {
  const bench = new MetricsBench().child('east');
  await bench.get('subtree', '*', 1_000);
  const { args, timeoutMs } = bench.question('east');
  assert.equal([args, timeoutMs], [['subtree', '*', 900], 900]);
});

test('the time is METRICS_MS_DEFAULT unless said, and METRICS_MS_MAX at most', async () => {
  const bench = new MetricsBench().child('east');
  await bench.get('subtree');
  assert.is(bench.question('east').timeoutMs, METRICS_MS_DEFAULT * 0.9);
  assert.is(await refusal(bench, 'node', '*', METRICS_MS_MAX + 1), 'E_ARGUMENT_INVALID');
});

test('what is no question is refused', async () => {
  const bench = new MetricsBench();
  for (const args of [
    ['world'],
    ['node', 7],
    ['node', '*'.repeat(REPORT_NAME_LENGTH_MAX + 1)],
    ['node', '*', 'soon'],
    ['node', '*', 0],
  ]) {
    assert.is(await refusal(bench, ...args), 'E_ARGUMENT_INVALID');
  }
});

test('a child that is not heard is named with those behind it, and the rest is told', async () => {
  const bench = new MetricsBench().child('east').child('west');
  bench.view.add('web1', 'east').add('web2', 'east').add('deep', 'web2').add('db1', 'west');
  bench.own = [counterOf('a', 1)];
  const got = await bench.get('subtree');
  await bench.end('west', { nodes: 2 });
  bench.question('east').asking.fail(new DagentError('E_DEADLINE', { to: 'east:', ms: 900 }));
  const silent = [{ node: 'east', below: 3, code: 'E_DEADLINE' }];
  assert.equal(await answerOf(got), { ...NONE, nodes: 3, silent });
  assert.equal(totals(got), ['a 1']);
});

test('nothing counts of what a child began to say and did not end', async () => {
  const bench = new MetricsBench().child('east');
  const got = await bench.get('subtree');
  await bench.say('east', counterOf('a', 10));
  bench.question('east').asking.fail(new DagentError('E_LOST', { to: 'east:' }));
  assert.is((await answerOf(got)).silent.length, 1);
  assert.equal(totals(got), []);
});

test('a child that was lost is named, and is not asked', async () => {
  const bench = new MetricsBench();
  bench.view.add('east', 'top', 'lost').add('web1', 'east', 'lost');
  const silent = [{ node: 'east', below: 1, code: 'E_UNREACHABLE' }];
  assert.equal(await answerOf(await bench.get('subtree')), { ...NONE, silent });
});

test('those whom a child could not hear are told on', async () => {
  const bench = new MetricsBench().child('east');
  const got = await bench.get('subtree');
  const silent = [{ node: 'web1', below: 0, code: 'E_DEADLINE' }];
  await bench.end('east', { nodes: 2, silent, silentMore: 5 });
  assert.equal(await answerOf(got), { ...NONE, nodes: 3, silent, silentMore: 5 });
});

test('of silent nodes METRICS_SILENT_MAX are named, and the others counted', async () => {
  const bench = new MetricsBench().child('east');
  bench.view.add('lost', 'top', 'lost');
  const got = await bench.get('subtree');
  const silent = new Array(METRICS_SILENT_MAX).fill({ node: 'x', below: 0, code: 'E_LOST' });
  await bench.end('east', { silent });
  const answer = await answerOf(got);
  assert.equal([answer.silent.length, answer.silentMore], [METRICS_SILENT_MAX, 1]);
});

test('a child that makes no sense is given up, and named', async () => {
  const wrong: [string, unknown][] = [
    ['no series', { name: 'a b', unit: '', kind: 'counter', total: 1 }],
    ['too long', { ...counterOf('a', 1), doc: 'x'.repeat(SERIES_LINE_BYTES_MAX) }],
  ];
  for (const [what, line] of wrong) {
    const bench = new MetricsBench().child('east');
    const got = await bench.get('subtree');
    await bench.say('east', line);
    assert.equal((await answerOf(got)).silent[0]?.code, 'E_NOT_UNDERSTOOD', what);
    assert.equal(bench.cancelled, ['east'], what);
  }
  const bench = new MetricsBench().child('east');
  const got = await bench.get('subtree');
  await bench.end('east', null);
  assert.equal((await answerOf(got)).silent[0]?.code, 'E_NOT_UNDERSTOOD');
});

test('of more than METRICS_SERIES_MAX series the rest is left out, and counted', async () => {
  const bench = new MetricsBench();
  bench.own = Array.from({ length: METRICS_SERIES_MAX + 2 }, (_, at) => counterOf(`s${at}`, 1));
  const got = await bench.get();
  assert.is((await answerOf(got)).leftOut, 2);
  assert.is(got.series.length, METRICS_SERIES_MAX);
});

test('of children that do not end METRICS_HELD_MAX series are held at most', async () => {
  const bench = new MetricsBench();
  const count = METRICS_HELD_MAX / METRICS_SERIES_MAX + 1;
  for (let at = 1; at <= count; at++) bench.child(`web${at}`);
  const got = await bench.get('subtree');
  const all = Array.from({ length: METRICS_SERIES_MAX }, (_, at) => counterOf(`s${at}`, 1));
  for (const child of bench.children) await bench.say(child, ...all);
  await quiet();
  assert.equal(bench.cancelled, [`web${count}`]);
  for (const child of bench.children.slice(0, -1)) await bench.end(child);
  const { silent } = await answerOf(got);
  assert.equal(silent, [{ node: `web${count}`, below: 0, code: 'E_TOO_LARGE' }]);
});

test('children are let go of when nobody waits any more', async () => {
  const bench = new MetricsBench().child('east');
  const { asking } = await bench.get('subtree');
  asking.cancel();
  await quiet();
  assert.equal(bench.cancelled, ['east']);
});

test.run();
