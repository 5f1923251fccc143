import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import type { Program } from './program.ts';

interface Event {
  readonly type: string;
  readonly event: string;
  readonly node: string;
  readonly service?: string;
  readonly flaps?: number;
  readonly seenBy: string;
}

const test = suite('events');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east' });
});
test.after(() => home.close());

async function follow(...args: string[]): Promise<Program> {
  const program = home.start(['events', ...args, '--json']);
  await program.sees(/"type":"open"/);
  return program;
}

async function end(program: Program): Promise<Event[]> {
  program.signal('SIGINT');
  const { stdout, status } = await program.end();
  assert.is(status, 0);
  return recordsOf<Event>(stdout).filter(({ type }) => type === 'event');
}

test('what happens far below is heard at the top, from wherever it is asked', async () => {
  const events = await follow('--via', 'web1', 'node=web1 or node=web2');
  const listener = home.start(['listen', 'orders', '--via', 'web1']);
  await events.sees(/"service-up".*"orders"/);
  listener.signal('SIGTERM');
  await events.sees(/"service-down".*"orders"/);
  await home.daemon('web2', ['--role', 'leaf', '--parent', home.socketUrl('east')]);
  await events.sees(/"node-up","node":"web2"/);
  await home.kill9('web2');
  await events.sees(/"node-lost","node":"web2"/);
  await home.ok(['daemon', 'restart', 'web2']);
  await home.ok(['daemon', 'stop', 'web2']);
  await events.sees(/"node-left","node":"web2"/);
  const all = await end(events);
  assert.ok(all.every(({ seenBy }) => seenBy === 'hq'));
  const names = all.filter(({ node }) => node === 'web2').map(({ event }) => event);
  assert.equal(names.slice(0, 3), ['node-up', 'node-lost', 'node-up']);
  assert.ok(names.includes('node-restarted'));
  const back = all.filter(({ node, event }) => node === 'web2' && event === 'node-up')[1];
  assert.is(back?.flaps, 1);
});

test('what has been is shown with --since', async () => {
  const events = await follow('--since', '10m', '--for', '200ms', 'event=node-left');
  const { stdout } = await events.end();
  const past = recordsOf<Event>(stdout).filter(({ type }) => type === 'event');
  assert.equal(
    past.map(({ node }) => node),
    ['web2'],
  );
});

test('a node tells of its own links, in lines for people, until there are enough', async () => {
  const args = [
    'events',
    '--node',
    'east',
    'event=link-* and peer=web*',
    '--since',
    '10m',
    '-c',
    '2',
  ];
  const { stdout, status } = await home.run(args);
  assert.is(status, 0);
  const lines = stdout.trim().split('\n');
  assert.is(lines.length, 2);
  assert.match(lines[0] ?? '', /^\d\d:\d\d:\d\d\.\d{3} {2}link-up {9}east {2}child web1$/);
});

test('it goes on when its daemon is back, and tells what has been meanwhile', async () => {
  const events = await follow('--via', 'web1', 'node=web1 or node=web3');
  await home.kill9('web1');
  await events.sees(/connection to .* was lost.*waiting for it/, 'stderr');
  await home.daemon('web3', ['--role', 'leaf', '--parent', home.socketUrl('east')]);
  await home.ok(['daemon', 'restart', 'web1']);
  await events.sees(/connected to web1 again/, 'stderr');
  await events.sees(/"node-up","node":"web3".*\n/);
  await home.ok(['daemon', 'stop', 'web3']);
  await events.sees(/"node-left","node":"web3"/);
  const all = await end(events);
  const ups = all.filter(({ event, node }) => event === 'node-up' && node === 'web3');
  assert.equal(
    ups.map(({ seenBy }) => seenBy),
    ['hq'],
  );
});

test('it goes on when the top is back', async () => {
  const events = await follow('--via', 'web1', 'node=web4');
  await home.kill9('hq');
  await events.sees(/waiting for it|whose parent is away/, 'stderr');
  await home.ok(['daemon', 'restart', 'hq']);
  await events.sees(/"type":"open","node":"hq"[\s\S]*"type":"open","node":"hq"/);
  await home.daemon('web4', ['--role', 'leaf', '--parent', home.socketUrl('east')]);
  await events.sees(/"node-up","node":"web4"/);
  assert.ok((await end(events)).every(({ seenBy }) => seenBy === 'hq'));
});

test('one that is not to wait for its daemon ends with 6', async () => {
  const events = await follow('--via', 'web1', '--no-reconnect');
  await home.ok(['daemon', 'stop', 'web1']);
  const { status, stderr } = await events.end();
  assert.is(status, 6);
  assert.match(stderr, 'E_LEAVING');
  await home.ok(['daemon', 'restart', 'web1']);
});

test('what cannot be followed says why', async () => {
  assert.is((await home.run(['events', 'colour=red'])).status, 2);
  assert.is((await home.run(['events', 'event=nosuch'])).status, 2);
  assert.is((await home.run(['events', '--node', 'nobody'])).status, 3);
  const events = await follow('--node', 'east', '--no-reconnect');
  await home.kill9('east');
  const { status, stderr } = await events.end();
  assert.is(status, 5);
  assert.match(stderr, 'E_LOST');
});

test.run();
