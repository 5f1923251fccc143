import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../src/protocol/status.ts';
import { createFeed, retryDelayMs } from '../../src/tui/feed.ts';
import type { Event } from '../../src/tui/update.ts';
import { createFakeClock } from './fakes.ts';

const SNAPSHOT: WatchRecord = { type: 'snapshot', realm: 'demo', nodes: [] };

interface Attempt {
  readonly onRecord: (record: WatchRecord) => void;
  readonly onLost: (reason: string) => void;
  /** Settles what `subscribe` returned. */
  stand(): void;
  fail(reason: string): void;
  isClosed: boolean;
}

function setUp() {
  const clock = createFakeClock();
  const attempts: Attempt[] = [];
  const events: Event[] = [];
  const feed = createFeed({
    subscribe: (onRecord, onLost) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ close(): Promise<void> }>();
      const close = async () => {
        attempt.isClosed = true;
      };
      const stand = () => resolve({ close });
      const fail = (reason: string) => reject(new Error(reason));
      const attempt: Attempt = { onRecord, onLost, stand, fail, isClosed: false };
      attempts.push(attempt);
      return promise;
    },
    dispatch: (event) => events.push(event),
    nowMs: clock.nowMs,
    schedule: clock.schedule,
    seed: 1,
  });
  const kinds = () => events.map(({ kind }) => kind).join(' ');
  return { clock, feed, attempts, events, kinds };
}

/** Lets what was settled be heard. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test('records are passed on from the first', async () => {
  const { feed, attempts, kinds } = setUp();
  const opening = feed.open();
  attempts[0]!.onRecord(SNAPSHOT);
  attempts[0]!.stand();
  await opening;
  attempts[0]!.onRecord(SNAPSHOT);
  assert.is(kinds(), 'record record');
});

test('when the first attempt fails, whoever asked is told and nothing goes on', async () => {
  const { clock, feed, attempts, kinds } = setUp();
  const opening = feed.open();
  attempts[0]!.fail('no daemon');
  const error = await opening.catch((reason: unknown) => reason);
  assert.match(String(error), 'no daemon');
  clock.pass(60_000);
  assert.is(attempts.length, 1);
  assert.is(kinds(), '');
});

test('a loss is told with the time of the next attempt, which is then made', async () => {
  const { clock, feed, attempts, events, kinds } = setUp();
  const opening = feed.open();
  attempts[0]!.stand();
  await opening;
  attempts[0]!.onLost('broke');
  attempts[0]!.onRecord(SNAPSHOT);
  attempts[0]!.onLost('broke twice');
  const lost = events.at(-1) as Extract<Event, { kind: 'lost' }>;
  assert.is(lost.reason, 'broke');
  clock.pass(lost.retryAtMs - 1);
  assert.is(attempts.length, 1);
  clock.pass(1);
  assert.is(attempts.length, 2);
  attempts[1]!.stand();
  await settle();
  attempts[1]!.onRecord(SNAPSHOT);
  assert.is(kinds(), 'lost retrying record');
});

test('attempts that fail are repeated, after longer and longer waits', async () => {
  const { clock, feed, attempts, events } = setUp();
  const opening = feed.open();
  attempts[0]!.stand();
  await opening;
  attempts[0]!.onLost('broke');
  for (let failures = 1; failures <= 8; failures++) {
    clock.pass(5_000);
    attempts[failures]!.fail(`refused ${failures}`);
    await settle();
  }
  const reasons = events.flatMap((event) => (event.kind === 'lost' ? [event.reason] : []));
  assert.is(reasons.length, 9);
  assert.is(reasons.at(-1), 'refused 8');
});

test('what was lost before it stood is closed when it stands after all', async () => {
  const { feed, attempts, kinds } = setUp();
  const opening = feed.open();
  attempts[0]!.onLost('broke');
  attempts[0]!.stand();
  await opening;
  assert.ok(attempts[0]!.isClosed);
  assert.is(kinds(), 'lost');
});

test('closing ends the watch, and what comes later is not heard', async () => {
  const { clock, feed, attempts, kinds } = setUp();
  const opening = feed.open();
  attempts[0]!.stand();
  await opening;
  await feed.close();
  assert.ok(attempts[0]!.isClosed);
  attempts[0]!.onRecord(SNAPSHOT);
  attempts[0]!.onLost('broke');
  assert.is(kinds(), '');
  assert.is(clock.waiting(), 0);
});

test('closing while one waits for the next attempt cancels it', async () => {
  const { clock, feed, attempts } = setUp();
  const opening = feed.open();
  attempts[0]!.stand();
  await opening;
  attempts[0]!.onLost('broke');
  await feed.close();
  clock.pass(60_000);
  assert.is(attempts.length, 1);
});

test('the waits double up to a bound, and half of each is chance', () => {
  assert.is(retryDelayMs(0, 0), 125);
  assert.is(retryDelayMs(0, 1), 250);
  assert.is(retryDelayMs(2, 1), 1_000);
  assert.is(retryDelayMs(50, 1), 5_000);
  assert.is(retryDelayMs(50, 0), 2_500);
});

test.run();
