import { writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { until } from './poll.ts';

const test = suite('messages to who is away');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', db1: 'root' }, ['--hold', '1s']);
});
test.after(() => home.close());

/** A listener that has its name. */
async function listen(): Promise<ReturnType<Home['start']>> {
  const listener = home.start(['listen', 'orders', '--via', 'web1', '--no-reconnect']);
  await until('orders is there', async () => {
    return (await home.tree()).get('web1')?.services.includes('orders') === true;
  });
  return listener;
}

test('a message waits for a listener that ended, and send says so', async () => {
  const first = await listen();
  first.signal('SIGTERM');
  await first.end();
  const sent = await home.run(['send', 'web1:orders', 'ONE', '--via', 'db1', '--json']);
  assert.is(sent.status, 0);
  assert.match(sent.stderr, 'web1:orders is away: web1 keeps the message for 1m');
  const { state, node } = JSON.parse(sent.stdout) as Record<string, unknown>;
  assert.equal([state, node], ['cached', 'web1']);
  const brief = ['send', 'web1:orders', 'TWO', '--via', 'db1', '--wait', '--timeout', '1s'];
  const late = await home.run(brief);
  assert.is(late.status, 124);
  assert.match(late.stderr, /web1:orders is away.*: web1 keeps the message \(E_KEPT\)/);
  const waiting = home.start(['send', 'web1:orders', 'THREE', '--via', 'db1', '--wait', '--json']);
  const none = await home.run(['send', 'web1:orders', 'NO', '--via', 'db1', '--cache', 'no']);
  assert.is(none.status, 5);
  assert.match(none.stderr, 'E_NO_SERVICE');
  const second = await listen();
  await second.sees(/ONE[\s\S]*TWO[\s\S]*THREE/);
  const waited = await waiting.end();
  assert.is(waited.status, 0);
  assert.is((JSON.parse(waited.stdout) as Record<string, unknown>).state, 'delivered');
  second.signal('SIGTERM');
  await second.end();
});

test('a message waits for a node that was killed, above it', async () => {
  const first = await listen();
  await home.kill9('web1');
  await first.end();
  const sent = await home.run(['send', 'web1:orders', 'LATER', '--via', 'db1', '--cache', '1h']);
  assert.is(sent.status, 0);
  assert.match(sent.stderr, 'root keeps the message for 1h');
  await home.ok(['daemon', 'restart', 'web1']);
  const second = await listen();
  await second.sees(/LATER/);
  second.signal('SIGTERM');
  await second.end();
});

test('lines that are kept no longer have failed, and are not said to be kept', async () => {
  const first = await listen();
  first.signal('SIGTERM');
  await first.end();
  const lines = home.file('lines');
  writeFileSync(lines, `${JSON.stringify({ to: 'web1:orders', command: 'X' })}\n`.repeat(1_500));
  const ended = await home.shell(`dagent send --stdin --via db1 <${lines}`);
  assert.is(ended.status, 5);
  assert.match(ended.stderr, /^dagent: line 1: web1 keeps too much for .* \(E_CACHE_FULL\)$/m);
  const all = await home.shell(`dagent send --stdin --keep-going --via db1 <${lines}`);
  assert.is(all.status, 1);
  assert.match(all.stderr, 'line 500: web1 keeps too much');
  assert.match(all.stderr, '1000 of 1500 are kept: receivers are away');
  assert.match(all.stderr, '500 of 1500 lines failed');
});

test('a time that no message is kept for is refused', async () => {
  for (const time of ['9s', '2d', 'yes']) {
    const { status, stderr } = await home.run(['send', 'web1:orders', 'X', '--cache', time]);
    assert.is(status, 2);
    assert.match(stderr, '--cache takes no, or a time from 10s to 1d');
  }
});

test.run();
