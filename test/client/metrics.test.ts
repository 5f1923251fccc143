import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchMetrics, type MetricRecord } from '../../src/client/metrics.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { Realm } from './realm.ts';

const test = suite('metrics');
const realm = new Realm();

test.before(async () => {
  await realm.start('hq');
  await realm.start('web1', 'hq');
});
test.after(() => realm.end());

const WISH = { scope: 'subtree', pattern: 'orders.*', withinMs: 10_000 } as const;

async function seriesAt(node: string): Promise<readonly MetricRecord[]> {
  const client = await realm.connect('hq');
  const { series } = await fetchMetrics(client, node, WISH);
  await client.close();
  return series;
}

test('what a program has reported is at its node when it has closed, and above', async () => {
  const client = await realm.connect('web1');
  for (let ms = 1; ms <= 100; ms++) {
    client.report('orders.paid', 1);
    client.report('orders.took', ms, { kind: 'timing', unit: 'ms' });
  }
  await client.close();
  assert.equal(client.reportStatistics(), {
    ...{ pending: 0, taken: 200, refused: 0, dropped: 0 },
    refusal: undefined,
  });
  const other = await realm.connect('hq');
  other.report('orders.paid', 5);
  other.report('orders.took', 1_000, { kind: 'timing', unit: 'ms' });
  await other.drain();
  const [paid, took] = await seriesAt('hq');
  assert.is(paid?.kind === 'counter' && paid.total, 105);
  if (took?.kind !== 'timing') throw new Error('no timing');
  const { count, min, max, p50, sum } = took;
  assert.equal({ count, min, max, sum }, { count: 101, min: 1, max: 1_000, sum: 6_050 });
  assert.ok(Math.abs(p50 - 51) <= 0.51, `the median is ${p50}`);
  assert.is((await seriesAt('web1')).length, 2);
});

test('what a node refuses is told with the reason', async () => {
  const client = await realm.connect('web1');
  client.report('orders.paid', 3, { kind: 'gauge' });
  await client.close();
  const { refused, refusal } = client.reportStatistics();
  assert.equal([refused, refusal?.code, refusal?.origin], [1, 'E_REPORT_KIND', 'web1']);
});

test('what is reported while the daemon is away is there when it is back', async () => {
  await realm.start('web2', 'hq');
  const client = await realm.connect('web2', { reconnect: true });
  await realm.stop('web2');
  client.report('orders.late', 1);
  client.report('orders.late', 2);
  assert.is(client.reportStatistics().pending, 2);
  await realm.start('web2', 'hq');
  await client.connected();
  await client.close();
  assert.is(client.reportStatistics().taken, 2);
  const [late] = await seriesAt('web2');
  assert.equal([late?.name, late?.kind === 'counter' && late.total], ['orders.late', 3]);
});

test('who reports when it is over is told at once', async () => {
  const client = await realm.connect('web1');
  await client.close();
  assert.throws(() => client.report('orders.paid', 1), /this program has closed it/);
});

test('a node that is not there is told as such', async () => {
  const client = await realm.connect('hq');
  const failure = await fetchMetrics(client, 'nobody', WISH).catch((error: DagentError) => error);
  assert.is((failure as DagentError).code, 'E_UNREACHABLE');
  await client.close();
});

test.run();
