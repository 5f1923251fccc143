import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

interface Seen {
  readonly type: string;
  readonly node: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly cmd?: string;
  readonly in: string | null;
  readonly out: string | null;
  readonly outcome: string | null;
  readonly ms?: number;
  readonly data?: string;
  readonly notShown?: number;
  readonly shown?: number;
}

const test = suite('sniff');
const home = new Home();

test.before(async () => {
  await home.startTree({ hq: null, east: 'hq', web1: 'east', web2: 'east' });
});
test.after(() => home.close());

/** Starts to sniff, and waits until so many nodes do. */
async function sniff(nodes: number, ...args: string[]): Promise<Program> {
  const program = home.start(['sniff', ...args, '--json']);
  await until('it sniffs', () => {
    const seen = recordsOf<Seen>(program.text('stdout'));
    return seen.filter(({ type }) => type === 'open').length === nodes;
  });
  return program;
}

async function end(program: Program): Promise<Seen[]> {
  program.signal('SIGINT');
  const { stdout, status } = await program.end();
  assert.is(status, 0);
  return recordsOf<Seen>(stdout);
}

test('what passes a node is shown while it passes, with links and outcome', async () => {
  const program = await sniff(1, '--node', 'east', 'cmd=HELLO or kind=reject');
  await home.run(['send', 'web1:nothing', 'HELLO', '--via', 'web2']);
  const records = await until('both are seen', () => {
    const seen = recordsOf<Seen>(program.text('stdout'));
    const at = seen.findIndex(({ cmd }) => cmd === 'HELLO');
    return at >= 0 && seen.length > at + 1 ? seen.slice(at, at + 2) : undefined;
  });
  const shown = records.map((it) => [it.kind, it.to.split(':')[0], it.in, it.out, it.outcome]);
  assert.equal(shown, [
    ['message', 'web1', 'web2', 'web1', null],
    ['reject', 'web2', 'web1', 'web2', 'E_NO_SERVICE'],
  ]);
  assert.ok((records[1]?.ms ?? -1) >= 0);
  const all = await end(program);
  assert.is(all.at(-1)?.type, 'summary');
});

test('data is shown where it is asked for', async () => {
  const program = await sniff(1, '--node', 'east', 'cmd=DATA', '--payload');
  const args = ['send', 'web1:nothing', 'DATA', '--data', '-', '--via', 'web2'];
  await home.run(args, { input: 'some \x1b[2J data' });
  await program.sees(/"DATA"/);
  const seen = (await end(program)).find(({ cmd }) => cmd === 'DATA');
  assert.is(seen?.data, 'some \x1b[2J data');
});

test('all nodes are sniffed at once, requests with their outcomes', async () => {
  const program = await sniff(4, '--all', '--match-replies', 'cmd=node.ping');
  await home.ok(['ping', 'web1', '-c', '1', '--via', 'web2']);
  await until('all have seen it', () => {
    const seen = recordsOf<Seen>(program.text('stdout')).filter(({ cmd }) => cmd === 'node.ping');
    return seen.length === 3;
  });
  const pings = (await end(program)).filter(({ cmd }) => cmd === 'node.ping');
  assert.equal(pings.map(({ node }) => node).sort(), ['east', 'web1', 'web2']);
  for (const { type, outcome, ms } of pings) {
    assert.equal([type, outcome, (ms ?? -1) > 0], ['exchange', 'ok', true]);
  }
});

test('one that joins is sniffed too with --all; with --where it is said that none is', async () => {
  const program = await sniff(4, '--all', 'cmd=ZED');
  await home.daemon('web3', ['--role', 'leaf', '--parent', home.socketUrl('east')]);
  await program.sees(/"type":"open","node":"web3"/);
  await home.run(['send', 'web3:in', 'ZED', '--via', 'hq']);
  await program.sees(/"node":"web3","kind"/);
  await home.ok(['daemon', 'stop', 'web3']);
  program.signal('SIGINT');
  const { status, stderr, stdout } = await program.end();
  assert.is(status, 5);
  assert.match(stderr, /^dagent: web3: /m);
  assert.is(recordsOf<Seen>(stdout).at(-1)?.type, 'summary');
  const some = await home.run(['sniff', '--where', 'cpu.processors>0', '--for', '50ms']);
  assert.match(some.stderr, 'dagent: nodes that join from now on are not looked at');
});

test('two who sniff do not sniff each other', async () => {
  const mine = await sniff(4, '--all', '--via', 'web1');
  const theirs = await sniff(4, '--all', '--via', 'web2');
  const before = recordsOf<Seen>(mine.text('stdout')).length;
  await home.ok(['call', 'hq:', 'admin.echo', '"one more"', '--via', 'web1']);
  await mine.sees(/admin.echo/);
  const [first, second] = [await end(mine), await end(theirs)];
  for (const { from, to } of [...first, ...second]) {
    assert.not.match(`${from} ${to}`, '~sniff');
  }
  assert.ok(first.length < before + 200);
});

test('--count and --for end it, and lines are for people', async () => {
  // Nodes tell each other of their flags as well, whenever they have any.
  const ours = ['to=web1:none or from=web1:none'];
  const counted = home.start(['sniff', '--node', 'east', '--count', '1', '--via', 'hq', ...ours]);
  await until('it has ended', async () => {
    await home.run(['send', 'web1:none', 'X', '--via', 'web2']);
    return counted.isOver;
  });
  const { stdout, stderr, status } = await counted.end();
  assert.equal([status, stdout.trim().split('\n').length], [0, 1]);
  assert.match(stdout, /^\d\d:\d\d:\d\d\.\d{3} {2}(message|reject) /);
  assert.match(stderr, /1 shown, \d+ not shown/);
  const timed = await home.run(['sniff', '--for', '50ms', 'to=nobody']);
  assert.equal([timed.status, timed.stdout], [0, '']);
});

test('what cannot be sniffed says why', async () => {
  const wrong = await home.run(['sniff', 'colour=red']);
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, 'there is no field colour');
  const nobody = await home.run(['sniff', '--node', 'nobody']);
  assert.is(nobody.status, 3);
  assert.is((await home.run(['sniff', '--all', '--node', 'hq'])).status, 2);
});

test.run();
