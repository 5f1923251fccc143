/** Durable messages: nothing that was stored is lost, whoever is away, and nothing comes twice. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('durable messages');
const home = new Home();
const SENDER = '00000000000000aa';

interface Letter {
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  readonly attempt: number;
}

interface Box {
  readonly box: string;
  readonly count: number;
  readonly dead: number;
}

/** A node as `top --once --json` prints it. */
interface Sampled {
  readonly name: string;
  readonly sample: { readonly durableWaiting?: number; readonly durableOldestAtMs?: number } | null;
}

test.before(async () => {
  // Three hops from shop to disk: west, root, east.
  const shape = { root: null, west: 'root', east: 'root', shop: 'west', disk: 'east' };
  await home.startTree(shape, ['--hold', '1s']);
});
test.after(() => home.close());

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
}

/** Sends numbered messages to `to`, by shop; each has the id of its number. */
async function sendNumbers(to: string, wanted: readonly string[], args: readonly string[] = []) {
  const lines = wanted.map((n) => ({ to, command: 'N', params: { n }, id: `${SENDER}.${n}` }));
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await home.ok(['send', '--stdin', '--durable', '--via', 'shop', ...args], { input });
}

/** The numbers that a receiver gets, as many as `count`. */
async function receive(service: string, via: string, count: number): Promise<string[]> {
  const args = ['listen', service, '--durable', '--count', String(count), '--via', via, '--json'];
  return recordsOf<Letter>(await home.ok(args)).map(({ params }) => params.n ?? '');
}

async function waiting(node: string): Promise<Record<string, number>> {
  const boxes = await home.json<Box[]>(['mailbox', 'ls', '--at', node, '--json']);
  return Object.fromEntries(boxes.map(({ box, count }) => [box, count]));
}

test('what is stored waits three hops away for a receiver that has never been', async () => {
  await sendNumbers('disk:orders', numbers(1, 300));
  await until('all is at disk', async () => (await waiting('disk'))['disk:orders'] === 300);
  assert.equal(await waiting('shop'), {});
  assert.equal(await receive('orders', 'disk', 300), numbers(1, 300));
  assert.equal(await waiting('disk'), {});
});

test('sent again with the same ids, nothing comes twice', async () => {
  await sendNumbers('disk:orders', numbers(290, 310));
  assert.equal(await receive('orders', 'disk', 10), numbers(301, 310));
});

test('a service that no node is known to have is found when it comes', async () => {
  await sendNumbers('late', numbers(1, 5));
  assert.equal(await waiting('shop'), { ':late': 5 });
  assert.equal(await receive('late', 'disk', 5), numbers(1, 5));
});

test('a receiver that is killed gets what it had not done when it comes back', async () => {
  await sendNumbers('disk:jobs', numbers(1, 50));
  const first = home.start(['listen', 'jobs', '--durable', '--via', 'disk', '--json'], {
    isStdoutUnread: true,
  });
  await until('all is done', async () => (await waiting('disk'))['disk:jobs'] === 0);
  first.signal('SIGKILL');
  await first.end();
  await sendNumbers('disk:jobs', numbers(51, 60));
  assert.equal(await receive('jobs', 'disk', 10), numbers(51, 60));
});

test('what a receiver could not write is not done, and comes to the next one', async () => {
  await home.ok(['send', 'disk:unwritten', 'N', 'n=1', '--durable', '--via', 'disk']);
  const full = await home.shell('dagent listen unwritten --durable --via disk > /dev/full');
  assert.is(full.status, 1);
  assert.match(full.stderr, 'E_CANNOT_WRITE');
  const next = ['listen', 'unwritten', '--durable', '--via', 'disk', '--count', '1', '--json'];
  const [letter] = recordsOf<Letter>(await home.ok(next));
  assert.is(letter?.params.n, '1');
});

test('a node that was away gets it, also when all nodes were killed meanwhile', async () => {
  await home.kill9('disk');
  await sendNumbers('disk:orders', numbers(401, 450));
  for (const name of ['shop', 'west', 'root', 'east']) await home.kill9(name);
  for (const name of ['root', 'west', 'east', 'shop', 'disk']) {
    await home.ok(['daemon', 'restart', name]);
  }
  assert.equal(await receive('orders', 'disk', 50), numbers(401, 450));
  assert.equal(await waiting('shop'), {});
});

test('whoever stops a stream of them hears how many are stored, and where to go on', async () => {
  const args = ['send', '--stdin', '--durable', '--via', 'shop'];
  const program = home.start(args, { isStdinOpen: true });
  const line = (n: number) =>
    `${JSON.stringify({ to: 'disk:half', command: 'N', params: { n } })}\n`;
  program.stdin.write(line(1) + line(2));
  await until('both are there', async () => (await waiting('disk'))['disk:half'] === 2);
  program.signal('SIGINT');
  const { status, stderr } = await program.ended;
  assert.is(status, 130);
  assert.match(stderr, 'stopped: 2 of 2 lines are stored');
  assert.match(stderr, 'tail -n +3');
  await home.ok(['mailbox', 'purge', 'disk:half']);
});

test('what is too old is a dead letter, which can wait again', async () => {
  await sendNumbers('disk:old', ['1'], ['--ttl', '1s']);
  await until('it is dead', async () => {
    const { stdout } = await home.run(['mailbox', 'dead', 'disk:old', '--json']);
    return /expired/.test(stdout);
  });
  const unknown = await home.run(['mailbox', 'redeliver', 'disk:old', '123']);
  assert.equal([unknown.status, unknown.stdout], [3, '0 wait again\n']);
  assert.match(
    unknown.stderr,
    /1 of these are no dead letters of disk:old at disk.*E_LETTER_UNKNOWN/,
  );
  assert.is(await home.ok(['mailbox', 'redeliver', 'disk:old']), '1 wait again\n');
  assert.equal(await receive('old', 'disk', 1), ['1']);
});

test('people look into a mailbox and empty it', async () => {
  await sendNumbers('disk:full', numbers(1, 3));
  await until('it is there', async () => (await waiting('disk'))['disk:full'] === 3);
  assert.match(await home.ok(['mailbox', 'ls', '--at', 'disk']), /disk:full +mailbox +3/);
  assert.match(await home.ok(['mailbox', 'show', 'disk:full']), /WAITING +3/);
  const peeked = recordsOf<Letter>(await home.ok(['mailbox', 'peek', 'disk:full', '--json']));
  assert.equal(
    peeked.map(({ id }) => id),
    ['1', '2', '3'].map((n) => `${SENDER}.${n}`),
  );
  const { nodes } = await home.json<{ nodes: Sampled[] }>(['top', '--once', '--json']);
  const figures = nodes.find(({ name }) => name === 'disk')?.sample;
  assert.is(figures?.durableWaiting, 3);
  assert.ok(Number(figures?.durableOldestAtMs) > 0);
  const none = await home.run(['mailbox', 'dead', 'disk:full']);
  assert.equal([none.status, none.stderr], [0, 'no dead letters in disk:full at disk\n']);
  assert.is(await home.ok(['mailbox', 'purge', 'disk:full']), '3 thrown away\n');
  assert.equal(await waiting('disk'), {});
  const empty = await home.json<Box>(['mailbox', 'show', 'disk:full', '--json']);
  assert.equal([empty.box, empty.count], ['disk:full', 0], 'an empty one is still known');
});

test('as many are shown as are asked for, however large they are', async () => {
  const data = 'x'.repeat(100_000);
  const line = `${JSON.stringify({ to: 'disk:large', command: 'N', data })}\n`;
  const args = ['send', '--stdin', '--durable', '--via', 'disk'];
  await home.ok(args, { input: line.repeat(9) });
  const peek = ['mailbox', 'peek', 'disk:large', '--json', '--count'];
  assert.is(recordsOf(await home.ok([...peek, '8'])).length, 8);
  assert.is(recordsOf(await home.ok([...peek, '1000'])).length, 9);
  assert.is((await home.run([...peek, '1001'])).status, 2);
  // Its pipe is full before it has done them all.
  const receiver = home.start(['listen', 'large', '--durable', '--via', 'disk', '--json'], {
    isStdoutUnread: true,
  });
  await until('some are leased', async () => {
    const shown = await home.json<{ leased: number }>(['mailbox', 'show', 'disk:large', '--json']);
    return shown.leased > 0;
  });
  const { stdout, stderr } = await home.run(['mailbox', 'purge', 'disk:large']);
  assert.match(stdout, /^\d thrown away\n$/);
  assert.match(stderr, /\d of them were with receivers, which may still do them/);
  receiver.signal('SIGKILL');
  await receiver.end();
});

test('a mailbox that is not there is said to be none, and where else to look', async () => {
  for (const command of ['peek', 'dead', 'show', 'purge']) {
    for (const flags of [[], ['--json']]) {
      const words = ['mailbox', command, 'disk:nowhere', ...flags];
      const { status, stdout, stderr } = await home.run(words);
      assert.equal([status, stdout], [3, ''], words.join(' '));
      assert.match(stderr, /at disk nothing ever came for disk:nowhere.*E_BOX_UNKNOWN/);
      assert.match(stderr, 'another node may keep it: --at NODE');
    }
  }
  const away = await home.run(['mailbox', 'show', 'away7:q']);
  assert.is(away.status, 5);
  assert.match(away.stderr, 'what another node keeps for it: --at NODE');
  const listed = await home.run(['mailbox', 'ls', '--at', 'west']);
  assert.match(listed.stderr, /^at west nothing waits.*\n {2}what another node keeps: --at NODE/);
});

test('a mailbox that is full says so to its senders, and what it has is kept', async () => {
  await home.daemon('small', [
    '--role',
    'leaf',
    '--parent',
    home.socketUrl('east'),
    '--max-mailbox',
    '5',
  ]);
  await sendNumbers('small:box', numbers(1, 5));
  await until('all is at small', async () => (await waiting('small'))['small:box'] === 5);
  // The first one more is stored at shop: only the answer to it says that there is no room.
  await sendNumbers('small:box', ['6']);
  await until('shop has heard of it', async () => {
    const { stdout } = await home.run(['mailbox', 'show', 'small:box', '--at', 'shop', '--json']);
    return (JSON.parse(stdout) as { error: string }).error === 'E_MAILBOX_FULL';
  });
  const { status, stderr } = await home.run([
    'send',
    'small:box',
    'N',
    '--durable',
    '--via',
    'shop',
  ]);
  assert.is(status, 1);
  assert.match(stderr, /the mailbox small:box at small is full: 5 messages.*E_MAILBOX_FULL/s);
  assert.equal(await receive('box', 'small', 6), numbers(1, 6));
});

test('one program has a name at a time, and the name of a dead one is free at once', async () => {
  const first = home.start(['listen', 'one', '--durable', '--via', 'disk', '--json']);
  await until('it has its name', async () => (await home.ok(['services'])).includes('disk:one'));
  const second = await home.run(['listen', 'one', '--durable', '--via', 'disk']);
  assert.is(second.status, 1);
  assert.match(second.stderr, 'E_SERVICE_TAKEN');
  first.signal('SIGKILL');
  await first.end();
  await sendNumbers('disk:one', ['1']);
  assert.equal(await receive('one', 'disk', 1), ['1']);
});

test('a daemon that stands still is not waited for longer than --timeout says', async () => {
  const pid = await home.signal('small', 'SIGSTOP');
  const words = ['send', 'small:any', 'N', '--via', 'small', '--timeout', '1s'];
  const { status, stderr } = await home.run(words);
  process.kill(pid, 'SIGCONT');
  assert.is(status, 6);
  assert.match(stderr, /1000 ms.*E_HANDSHAKE_TIMEOUT/);
});

test.run();
