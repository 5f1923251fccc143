/** The examples, as people run them. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('examples');
const home = new Home();

test.after(() => home.close());

function start(name: string, ...args: readonly string[]): Program {
  return home.spawn([process.execPath, join(PROJECT, 'examples', name), ...args]);
}

test('a script fails at once when there is no daemon', async () => {
  const { status, stderr } = await start('submit.ts', '3').end();
  assert.is(status, 6);
  assert.match(stderr, /^submit: no daemon is running in .* \[E_NO_DAEMON\]$/m);
});

test('a worker waits for its daemon, works off what a script has left, and goes on', async () => {
  const worker = start('worker.ts');
  await worker.sees(/waiting for orders/, 'stderr');
  await home.daemon('root', ['--role', 'root']);
  const submitted = await start('submit.ts', '3').end();
  assert.is(submitted.stdout, '3 are stored\n');
  await worker.sees(/NEW 1[\s\S]*NEW 2[\s\S]*NEW 3/);
  await home.kill9('root');
  await worker.sees(/worker: disconnected: the connection to .* was lost/, 'stderr');
  await home.ok(['daemon', 'restart', 'root']);
  await home.ok(['send', 'orders', 'NEW', 'id=4', '--durable']);
  await worker.sees(/NEW 4$/m);
  worker.signal('SIGTERM');
  const { status, stdout, stderr } = await worker.end();
  assert.is(status, 0);
  assert.is(stdout.match(/NEW/g)?.length, 4);
  assert.match(stderr, /what it had begun is done and acked\n$/);
});

test('a service with methods goes on behind its daemon', async () => {
  const greeter = start('greeter.ts', 'serve');
  await greeter.sees(/at your service/, 'stderr');
  const called = await start('greeter.ts', 'call', 'greet.hello', 'Ada').end();
  assert.is(called.stdout, '"hello, Ada"\n');
  await home.kill9('root');
  await home.ok(['daemon', 'restart', 'root']);
  await until('it is back', async () => (await home.ok(['services'])).includes('greeter'));
  assert.is(await home.ok(['call', 'greeter', 'greet.hello', 'Eve']), 'hello, Eve\n');
  greeter.signal('SIGINT');
  assert.is((await greeter.end()).status, 0);
});

test('an example that cannot do its work says why, and ends', async () => {
  const first = start('greeter.ts', 'serve');
  await first.sees(/at your service/, 'stderr');
  const second = await start('greeter.ts', 'serve').end();
  assert.is(second.status, 1);
  assert.match(second.stderr, 'E_SERVICE_TAKEN');
  first.signal('SIGINT');
  await first.end();
  const submit = await start('submit.ts', 'abc').end();
  assert.equal([submit.status, submit.stdout], [2, '']);
  const kennel = await start('kennel.ts', 'play').end();
  assert.is(kennel.status, 5);
  assert.match(kennel.stderr, /^kennel: .*\[E_\w+\]\n$/);
});

test('a watcher tells of nodes that come and go', async () => {
  const watcher = start('watch.ts');
  await watcher.sees(/^up +root \(root\)$/m);
  await home.daemon('leaf', ['--role', 'leaf', '--parent', home.socketUrl('root')]);
  await watcher.sees(/^up +leaf \(leaf below root\)$/m);
  watcher.signal('SIGINT');
  assert.is((await watcher.end()).status, 0);
});

test.run();
