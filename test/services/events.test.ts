import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import { EVENTS_KEPT_MAX, WATCH_DELAY_MS } from '../../src/protocol/limits.ts';
import { Events } from '../../src/services/events.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { recordOf } from './view.ts';

type Line = Readonly<Record<string, unknown>>;

class Follower {
  readonly asking: Asking;
  readonly records: Line[] = [];
  isReading = true;

  constructor(asking: Asking) {
    this.asking = asking;
    let text = '';
    asking.onData = (_, bytes) => {
      text += bytes.toString();
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.records.push(JSON.parse(line) as Line);
      if (this.isReading) asking.grant(bytes.length);
    };
  }

  /** Forgets, and returns, the events so far: what, and about whom. */
  take(): string[] {
    const events = this.records.splice(0).filter(({ type }) => type === 'event');
    return events.map(({ event, node }) => `${event} ${node}`);
  }
}

class Bench {
  readonly clock = new FakeClock();
  readonly view = { name: 'there', isCutOff: false };
  readonly events = new Events({ view: this.view, clock: this.clock });
  readonly #pair = createPair();

  constructor() {
    this.#pair.there.handle('dagent', answering(this.events.methods));
  }

  async follow(wish: object = {}): Promise<Follower> {
    const asking = openCall(this.#pair.here, 'there:', 'events.open', { args: [wish] });
    const follower = new Follower(asking);
    await quiet();
    return follower;
  }

  /** Lets pass what events are gathered for. */
  async flush(): Promise<void> {
    this.clock.advance(WATCH_DELAY_MS);
    await quiet();
  }
}

const WEB = recordOf('web', 'east');

test('what happens is told to those who follow, as it happens', async () => {
  const bench = new Bench();
  const follower = await bench.follow();
  assert.equal(follower.records, [{ type: 'open', node: 'there' }]);
  bench.events.nodeUp(WEB);
  bench.events.add({ event: 'service-up', node: 'there', service: 'mail' });
  await bench.flush();
  assert.equal(follower.records.slice(1), [
    {
      ...{ type: 'event', seq: 0, at: new Date(1_000_000).toISOString(), seenBy: 'there' },
      ...{ event: 'node-up', node: 'web', parent: 'east', services: ['printer'] },
    },
    {
      ...{ type: 'event', seq: 1, at: new Date(1_000_000).toISOString(), seenBy: 'there' },
      ...{ event: 'service-up', node: 'there', service: 'mail' },
    },
  ]);
});

test('it begins with whether what is not below is not heard of', async () => {
  const bench = new Bench();
  bench.view.isCutOff = true;
  const { records } = await bench.follow();
  assert.equal(records, [{ type: 'open', node: 'there', isCutOff: true }]);
});

test('nobody who follows costs no timer', async () => {
  const bench = new Bench();
  bench.events.nodeUp(WEB);
  assert.is(bench.clock.timerCount, 0);
  const follower = await bench.follow();
  bench.events.nodeLost(WEB);
  assert.is(bench.clock.timerCount, 1);
  follower.asking.cancel();
  await follower.asking.outcome;
  assert.is(bench.clock.timerCount, 0);
});

test('a node that leaves has left, one that is lost may be forgotten later', async () => {
  const bench = new Bench();
  const follower = await bench.follow();
  bench.events.nodeUp(WEB);
  bench.events.nodeLost(WEB);
  bench.events.nodeGone(WEB);
  bench.events.nodeUp(WEB);
  bench.events.nodeLost(WEB);
  await bench.flush();
  bench.events.nodeGone(WEB);
  await bench.flush();
  const lost = follower.records.find(({ event }) => event === 'node-lost');
  assert.is(lost?.flaps, 1);
  assert.equal(follower.take(), [
    ...['node-up web', 'node-left web', 'node-up web', 'node-lost web', 'node-forgotten web'],
  ]);
});

test('a node that comes back tells how often it was lost, and that it started anew', async () => {
  const bench = new Bench();
  bench.events.nodeUp(WEB);
  const follower = await bench.follow();
  for (let count = 0; count < 3; count++) {
    bench.events.nodeLost(WEB);
    bench.events.nodeUp({ ...WEB, incarnation: WEB.incarnation + (count === 2 ? 1 : 0) });
  }
  await bench.flush();
  const events = follower.records.filter(({ type }) => type === 'event');
  assert.equal(
    events.map(({ event, flaps }) => [event, flaps]),
    [
      ...[
        ['node-lost', 1],
        ['node-up', 1],
        ['node-lost', 2],
        ['node-up', 2],
      ],
      ...[
        ['node-lost', 3],
        ['node-up', 3],
        ['node-restarted', undefined],
      ],
    ],
  );
});

test('changes of a node are told as what they are', async () => {
  const bench = new Bench();
  const follower = await bench.follow();
  bench.events.nodeUp(WEB);
  bench.events.nodeChanged({ ...WEB, services: ['printer', 'mail'], parent: 'west' });
  bench.events.nodeChanged(recordOf('unheard', 'east'));
  await bench.flush();
  assert.equal(follower.take(), ['node-up web', 'node-moved web', 'service-up web']);
});

test('an expression chooses, and a wrong one is refused', async () => {
  const bench = new Bench();
  const follower = await bench.follow({ expression: 'event=node-* and parent=east' });
  bench.events.nodeUp(WEB);
  bench.events.nodeUp(recordOf('db', 'west'));
  bench.events.add({ event: 'joined', node: 'there' });
  await bench.flush();
  assert.equal(follower.take(), ['node-up web']);
  const wrong = await bench.follow({ expression: 'colour=red' });
  const error = await wrong.asking.outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_EXPRESSION_INVALID');
  const typo = await bench.follow({ expression: 'event!=node-lots' });
  const { message } = await typo.asking.outcome.catch((thrown) => thrown);
  assert.match(message, 'there is no event node-lots (did you mean node-lost');
});

test('what has been is told to who asks for it, from that time on', async () => {
  const bench = new Bench();
  bench.events.nodeUp(WEB);
  bench.clock.advance(60_000);
  bench.events.nodeUp(recordOf('db', 'west'));
  assert.equal((await bench.follow()).take(), []);
  assert.equal((await bench.follow({ sinceMs: 1_000 })).take(), ['node-up db']);
  assert.equal((await bench.follow({ sinceMs: 60_000 })).take(), ['node-up web', 'node-up db']);
  assert.equal((await bench.follow({ sinceMs: 1e18 })).take(), ['node-up web', 'node-up db']);
  assert.equal((await bench.follow({ sinceMs: 'x' })).take(), []);
});

test('only so many are kept', async () => {
  const bench = new Bench();
  for (let count = 0; count < EVENTS_KEPT_MAX + 10; count++) {
    bench.events.add({ event: 'joined', node: `n${count}` });
  }
  const follower = await bench.follow({ sinceMs: 60_000 });
  const events = follower.take();
  assert.is(events.length, EVENTS_KEPT_MAX);
  assert.is(events[0], 'joined n10');
});

test('a slow reader goes on where it was, and hears how many it missed', async () => {
  const bench = new Bench();
  const follower = await bench.follow();
  follower.isReading = false;
  const url = 'x'.repeat(1_000);
  const happen = async (count: number): Promise<void> => {
    for (let number = 0; number < count; number++) {
      bench.events.add({ event: 'joined', node: 'n', url });
    }
    await bench.flush();
  };
  await happen(1_000);
  const first = follower.records.length;
  assert.ok(first < 400);
  await happen(EVENTS_KEPT_MAX);
  follower.isReading = true;
  follower.asking.grant(1_000_000);
  await quiet();
  const { records } = follower;
  const missed = Number(records.find(({ type }) => type === 'missed')?.count);
  const seqs = records.filter(({ type }) => type === 'event').map(({ seq }) => Number(seq));
  assert.is(seqs.length + missed, 1_000 + EVENTS_KEPT_MAX);
  assert.is(seqs.at(-1), 1_000 + EVENTS_KEPT_MAX - 1);
  follower.asking.cancel();
  const value = decodeValue((await follower.asking.outcome).data);
  assert.equal(value, { shown: seqs.length, missed });
});

test.run();
