/** A real Prometheus scrapes our daemons and answers questions about what was reported to them. */
import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { until } from './poll.ts';

const test = suite('Prometheus');
const home = new Home();
const PLACE = ['--metrics', '127.0.0.1:0'];
let api = '';

interface Scraped {
  readonly metrics: string;
}

/** Where a node can be scraped. */
async function pageOf(name: string): Promise<string> {
  return (await home.json<Scraped>(['daemon', 'status', name, '--json'])).metrics;
}

/** What Prometheus answers: its labels, and the value. */
async function query(text: string): Promise<[Record<string, string>, number][]> {
  const answer = await fetch(`${api}/api/v1/query?query=${encodeURIComponent(text)}`);
  const { data } = (await answer.json()) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => [metric, Number(value[1])]);
}

async function startPrometheus(targets: readonly string[]): Promise<string> {
  const config = home.file('prometheus.yml');
  const job = { job_name: 'dagent', static_configs: [{ targets }] };
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({ global: { scrape_interval: '250ms' }, scrape_configs: [job] }),
  );
  const prometheus = home.spawn([
    'prometheus',
    `--config.file=${config}`,
    `--storage.tsdb.path=${home.file('tsdb')}`,
    '--web.listen-address=127.0.0.1:0',
    '--log.format=json',
  ]);
  const [, place = ''] = await prometheus.sees(
    /"(127\.0\.0\.1:[1-9]\d*)".*"Listening on"/,
    'stderr',
  );
  return `http://${place}`;
}

test.before(async () => {
  await home.daemon('hq', PLACE);
  await home.daemon('web1', ['--parent', home.socketUrl('hq'), ...PLACE]);
  const pages = await Promise.all(['hq', 'web1'].map(pageOf));
  api = await startPrometheus(pages.map((page) => new URL(page).host));
});
test.after(() => home.close());

test('it adds up counters of all nodes', async () => {
  await home.ok(['report', 'orders.paid', '3', '--at', 'hq']);
  await home.ok(['report', 'orders.paid', '4', '--at', 'web1']);
  await until('both are scraped', async () => {
    const [sum] = await query('sum(orders_paid_total)');
    return sum?.[1] === 7;
  });
  const each = await query('sort(orders_paid_total)');
  assert.equal(
    each.map(([{ node, job }, value]) => [node, job, value]),
    [
      ['hq', 'dagent', 3],
      ['web1', 'dagent', 4],
    ],
  );
});

test('it works out percentiles over all nodes, in seconds', async () => {
  const lines = (from: number, to: number): string => {
    const all = Array.from({ length: to - from + 1 }, (_, at) => from + at);
    return all.map((ms) => `{"name":"took","value":${ms},"kind":"timing","unit":"ms"}\n`).join('');
  };
  await home.ok(['report', '--stdin', '--at', 'hq'], { input: lines(1, 500) });
  await home.ok(['report', '--stdin', '--at', 'web1'], { input: lines(501, 1_000) });
  await until('both are scraped', async () => {
    const [count] = await query('sum(took_seconds_count)');
    return count?.[1] === 1_000;
  });
  assert.equal((await query('sum(took_seconds_bucket{le="0.256"})'))[0]?.[1], 256);
  const [median] = await query('histogram_quantile(0.5, sum by (le) (took_seconds_bucket))');
  assert.ok(Math.abs(Number(median?.[1]) - 0.5) < 0.01, `the median is ${median?.[1]}`);
});

test('it knows the nodes, their versions and their figures', async () => {
  const up = await query('up{job="dagent"}');
  assert.equal(
    up.map(([, value]) => value),
    [1, 1],
  );
  const nodes = await query('dagent_node_info');
  assert.equal(nodes.map(([{ node, role }]) => `${node} ${role}`).sort(), [
    'hq root',
    'web1 agent',
  ]);
  const memory = await query('dagent_host_memory_total_bytes > 0');
  assert.is(memory.length, 2);
});

test('its checker has nothing against what is told', async () => {
  await home.ok(['report', 'odd-name.9', '1', '--gauge', '--unit', 'odd"unit\\é']);
  const page = await (await fetch(await pageOf('hq'))).text();
  const { status, stdout, stderr } = await home
    .spawn(['promtool', 'check', 'metrics'], { input: page })
    .end();
  assert.equal([status, stdout, stderr], [0, '', '']);
});

test('a daemon that is started again can be scraped again', async () => {
  const page = await pageOf('web1');
  await home.kill9('web1');
  await home.ok(['daemon', 'restart', 'web1']);
  assert.match(await (await fetch(await pageOf('web1'))).text(), /^dagent_node_info/m);
  assert.match(page, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
});

test('beyond loopback it is opened only where that is said', async () => {
  const { status, stderr } = await home.run(['daemon', 'start', '--metrics', '0.0.0.0:0']);
  assert.is(status, 2);
  assert.match(stderr, /0\.0\.0\.0:0 is not on loopback.*E_INSECURE/);
});

test.run();
