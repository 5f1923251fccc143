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

test('what cannot be followed says why', async () => {
  assert.is((await home.run(['events', 'colour=red'])).status, 2);
  assert.is((await home.run(['events', 'event=nosuch'])).status, 2);
  assert.is((await home.run(['events', '--node', 'nobody'])).status, 3);
  const events = await follow('--node', 'east');
  await home.kill9('east');
  const { status, stderr } = await events.end();
  assert.is(status, 5);
  assert.match(stderr, 'E_LOST');
});

test.run();
