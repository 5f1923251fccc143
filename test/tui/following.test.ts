import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseEvent } from '../../src/client/events.ts';
import { createFollowing, type Follow } from '../../src/tui/following.ts';
import type { Event } from '../../src/tui/update.ts';
import { createFakeClock } from './fakes.ts';

function eventOf(seq: number) {
  const at = '2027-01-15T08:00:00.000Z';
  return parseEvent({ type: 'event', seq, seenBy: 'hq', at, event: 'node-up', node: 'a' })!;
}

/** A source of events that counts how often it was opened and closed. */
function createSource() {
  const clock = createFakeClock();
  const dispatched: Event[] = [];
  const sources: Parameters<Follow>[] = [];
  let closed = 0;
  const set = createFollowing({
    follow: (...source) => {
      sources.push(source);
      return () => closed++;
    },
    dispatch: (event) => dispatched.push(event),
    schedule: clock.schedule,
  });
  return { clock, dispatched, sources, set, closed: () => closed };
}

test('what comes at once is told at once', () => {
  const { clock, dispatched, sources, set } = createSource();
  set(true);
  sources[0]![0](eventOf(1));
  sources[0]![0](eventOf(2));
  assert.equal(dispatched, []);
  clock.pass(100);
  assert.equal(dispatched, [{ kind: 'happened', events: [eventOf(1), eventOf(2)] }]);
});

test('that it begins is told, also when nothing has happened', () => {
  const { clock, dispatched, sources, set } = createSource();
  set(true);
  sources[0]![2]();
  clock.pass(100);
  assert.equal(dispatched, [{ kind: 'happened', events: [] }]);
  sources[0]![0](eventOf(1));
  clock.pass(100);
  assert.equal(dispatched.length, 2);
});

test('a loss comes behind what was heard before, and is the last word', () => {
  const { clock, dispatched, sources, set } = createSource();
  set(true);
  const [onEvent, onLost] = sources[0]!;
  onEvent(eventOf(1));
  onLost('gone');
  onLost('gone twice');
  onEvent(eventOf(2));
  clock.pass(1_000);
  const happened = { kind: 'happened', events: [eventOf(1)] };
  assert.equal(dispatched, [happened, { kind: 'unfollowed', reason: 'gone' }]);
});

test('what is no longer followed is closed, and not heard any more', () => {
  const { clock, dispatched, sources, set, closed } = createSource();
  set(true);
  sources[0]![0](eventOf(1));
  set(false);
  sources[0]![0](eventOf(2));
  sources[0]![1]('gone');
  clock.pass(1_000);
  assert.equal([dispatched, closed()], [[], 1]);
  set(true);
  set(true);
  assert.equal([sources.length, closed()], [3, 2]);
});

test.run();
