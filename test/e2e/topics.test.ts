/** Events between five daemons, by topic. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('topics');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east', db1: 'root' });
});
test.after(() => home.close());

interface EventRecord {
  readonly sn: string;
  readonly topic: string;
  readonly from: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: string;
  readonly enc?: string;
  readonly at: string;
}

/** Starts a subscriber and waits until what is published at `from` comes to it. */
async function subscribe(
  patterns: readonly string[],
  via: string,
  from: string,
  args: readonly string[] = [],
): Promise<Program> {
  const words = ['subscribe', ...patterns, '--via', via, '--json', ...args];
  const program = home.start(words);
  const topic = (patterns[0] ?? '').replaceAll(/[*>]/g, 'ready');
  await until(`${via} hears ${topic} from ${from}`, async () => {
    if (program.isOver) throw new Error(program.text('stderr'));
    await home.ok(['publish', topic, 'ready=1', '--via', from]);
    return program.text('stdout').includes('"ready"');
  });
  return program;
}

/** Ends a subscriber; what came to it, but for what was to find out that it hears. */
async function finish(subscriber: Program): Promise<EventRecord[]> {
  subscriber.signal('SIGTERM');
  const { status, stdout } = await subscriber.end();
  assert.is(status, 0);
  return recordsOf<EventRecord>(stdout).filter(({ params }) => params.ready === undefined);
}

test('an event goes to all who subscribed to its topic, wherever they are', async () => {
  const subscribers = await Promise.all([
    subscribe(['orders.*.paid'], 'web1', 'db1'),
    subscribe(['orders.>'], 'root', 'db1'),
    subscribe(['orders.eu.paid', 'orders.eu.*'], 'db1', 'db1'),
    subscribe(['bills.>'], 'web2', 'db1'),
  ]);
  await home.ok(['publish', 'orders.eu.paid', 'id=7', '--data', '-', '--via', 'db1'], {
    input: 'text',
  });
  await home.ok(['publish', 'orders.eu.sent', 'id=8', '--via', 'db1']);
  await home.ok(['publish', 'bills.end', '--via', 'db1']);
  await until('the last one came', () => subscribers[3]?.text('stdout').includes('bills.end'));
  await until('the others came', () =>
    subscribers.slice(1, 3).every((each) => each.text('stdout').includes('"8"')),
  );
  const heard = await Promise.all(subscribers.map(finish));
  const topics = heard.map((records) => records.map(({ topic }) => topic));
  const both = ['orders.eu.paid', 'orders.eu.sent'];
  assert.equal(topics, [['orders.eu.paid'], both, both, ['bills.end']]);
  const [[first] = []] = heard;
  assert.equal(Object.keys(first ?? {}), ['sn', 'topic', 'from', 'params', 'data', 'at']);
  assert.match(first?.from ?? '', /^db1:~\d+$/);
  assert.equal([first?.params, first?.data], [{ id: '7' }, 'text']);
});

test('subscribe prints lines, and ends after --count or --for', async () => {
  const counted = home.start(['subscribe', 'n.*', '--via', 'web1', '--count', '2']);
  await until('both came', async () => {
    if (!counted.isOver) await home.ok(['publish', 'n.x', 'a=1', '--via', 'web2']);
    return counted.isOver;
  });
  const { status, stdout } = await counted.end();
  assert.is(status, 0);
  assert.match(stdout, /^n\.x web2:~\d+ a=1\nn\.x web2:~\d+ a=1\n$/);
  const timed = await home.run(['subscribe', 'nobody.says.this', '--for', '300ms']);
  assert.equal([timed.status, timed.stdout], [0, '']);
});

test('publish says with --json who took it, and ends with 0 although nobody hears', async () => {
  const record = await home.json(['publish', 'nobody.hears', '--via', 'web1', '--json']);
  assert.equal(record, { topic: 'nobody.hears', takenBy: 'web1' });
});

test('what is no topic or pattern ends with 2', async () => {
  const wrong = [
    ['publish', 'a..b'],
    ['publish', 'a.*'],
    ['publish', 'a', 'novalue'],
    ['publish', 'a', '--data', home.file('missing')],
    ['publish'],
    ['subscribe', 'a b'],
    ['subscribe', '>.a'],
    ['subscribe', 'a', 'b.'],
    ['subscribe'],
    ['subscribe', 'a', '--for', 'long'],
  ];
  await Promise.all(
    wrong.map(async (args) => {
      const { status, stderr } = await home.run(args);
      assert.is(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.not.match(stderr, /\bat .*:\d+:\d+/);
    }),
  );
});

test('events of one publisher come in their order', async () => {
  const subscriber = await subscribe(['seq.>'], 'web1', 'db1');
  const lines = Array.from({ length: 15 }, (_, n) => `dagent publish seq.${n % 3} n=${n}`);
  assert.is((await home.shell(lines.join(' && '), { env: { DAGENT_VIA: 'db1' } })).status, 0);
  await until('the last one came', () => subscriber.text('stdout').includes('"n":"14"'));
  const order = (await finish(subscriber)).map(({ params }) => Number(params.n));
  assert.equal(
    order,
    order.map((_, index) => index),
  );
  assert.is(order.length, 15);
});

test('a subscriber whose daemon dies goes on when it is back, and says so', async () => {
  await home.daemon('short', ['--parent', home.socketUrl('root')]);
  const subscriber = await subscribe(['x'], 'short', 'root');
  await home.kill9('short');
  await subscriber.sees(/connection to .* was lost.*waiting for it/, 'stderr');
  await home.ok(['daemon', 'restart', 'short']);
  await subscriber.sees(/connected to short again/, 'stderr');
  await home.ok(['publish', 'x', 'after=1', '--via', 'short']);
  await subscriber.sees(/"after":"1"/);
  subscriber.signal('SIGTERM');
  assert.is((await subscriber.end()).status, 0);
});

test('a subscriber that is not to wait for its daemon ends with 6, and says why', async () => {
  const stopped = await subscribe(['x'], 'short', 'root', ['--no-reconnect']);
  await home.ok(['daemon', 'stop', 'short']);
  const { status, stderr } = await stopped.end();
  assert.is(status, 6);
  assert.match(stderr, 'E_LEAVING');
});

test('a subtree that was cut off hears events again when it is back', async () => {
  const subscriber = await subscribe(['back.*'], 'web1', 'db1');
  await home.kill9('east');
  await home.ok(['daemon', 'restart', 'east']);
  await until('web1 hears again', async () => {
    await home.ok(['publish', 'back.again', 'n=1', '--via', 'db1']);
    return subscriber.text('stdout').includes('back.again');
  });
  await finish(subscriber);
});

test.run();
