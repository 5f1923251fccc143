import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createOwnFigures } from '../../src/daemon/own-figures.ts';
import { FakeClock } from '../fakes/clock.ts';
import { TestRouter } from '../router/harness.ts';
import { Station } from './station.ts';

function figuresOf({ router }: TestRouter) {
  const clock = new FakeClock();
  const traffic = { heardBytes: 0, sentBytes: 0, queuedBytes: 7 };
  const totals = () => traffic;
  const jobs = () => ({ runningCount: 4, keptCount: 9 });
  const figures = createOwnFigures({ router, clock, totals, jobs });
  return { clock, traffic, figures };
}

test('levels are those of the moment', () => {
  const here = new TestRouter('here', { role: 'root' });
  here.child('a');
  here.child('b');
  const { links, queueBytes, heldMessages, asking, serving, jobsRunning, jobsKept } =
    figuresOf(here).figures();
  assert.equal(
    [links, queueBytes, heldMessages, asking, serving, jobsRunning, jobsKept],
    [2, 7, 0, 0, 0, 4, 9],
  );
});

test('rates are those since the call before', () => {
  const here = new TestRouter();
  const { clock, traffic, figures } = figuresOf(here);
  here.router.counters.framesDelivered = 100;
  traffic.heardBytes = 5_000;
  clock.advance(10_000);
  const first = figures();
  assert.equal([first.deliveredPerSecond, first.linkInBytesPerSecond], [10, 500]);
  here.router.counters.droppedSlowPeer = 3;
  here.router.counters.heldExpired = 1;
  here.router.counters.lost = 8;
  clock.advance(2_000);
  const second = figures();
  assert.equal([second.deliveredPerSecond, second.linkInBytesPerSecond], [0, 0]);
  assert.equal([second.droppedPerSecond, second.rejectedPerSecond], [2, 4]);
  assert.is(figures().droppedPerSecond, 2, 'in no time at all they stay as they are');
});

test('what went over links that are closed still counts', async () => {
  const station = new Station();
  const program = await station.program('printer');
  const { heardBytes, sentBytes } = station.driver.totals();
  assert.ok(heardBytes > 0 && sentBytes > 0);
  program.ours.abort('it is a test');
  await new Promise((resolve) => setImmediate(resolve));
  const later = station.driver.totals();
  assert.ok(later.heardBytes >= heardBytes && later.sentBytes >= sentBytes);
  assert.is(later.queuedBytes, 0);
});

test.run();
