import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LinkPaces } from '../../src/services/link-paces.ts';

class Bench {
  readonly #paces = new LinkPaces();

  /** Looks at one link with each of these round trips; `S` slow, `~` between, `.` as usual. */
  look(...rttMs: readonly number[]): string {
    return rttMs
      .map((ms) => {
        const { slow, between } = this.#paces.look([{ peer: 'a', isSlow: false, rttMs: ms }]);
        assert.ok(slow.every((peer) => between.includes(peer)));
        return slow.length > 0 ? 'S' : between.length > 0 ? '~' : '.';
      })
      .join('');
  }
}

test('a link is slow when its round trip is far above what is usual for it', () => {
  const bench = new Bench();
  assert.is(bench.look(10, 10, 10, 10), '....');
  assert.is(bench.look(109, 120, 500, 80, 66, 12), '~SS~~.');
});

test('of a quick link some milliseconds more are nothing', () => {
  const bench = new Bench();
  bench.look(1, 1, 1, 1);
  assert.is(bench.look(30, 40, 2), '...');
});

test('a link that is far away is not slow by being so', () => {
  assert.is(new Bench().look(600, 610, 590, 600, 620, 650, 600), '.......');
});

test('nothing is said before there is a usual one, and what is slow does not become it', () => {
  const bench = new Bench();
  assert.is(bench.look(900, 1, 1, 900), '....');
  const slow = new Bench();
  slow.look(5, 5, 5, 5);
  assert.is(slow.look(...Array.from({ length: 50 }, () => 400)), 'S'.repeat(50));
});

test('a link that is somewhat slower for good gets used to it', () => {
  const bench = new Bench();
  bench.look(20, 20, 20, 20);
  const looks = bench.look(...Array.from({ length: 200 }, () => 100));
  assert.match(looks, /^~{10,}\.+$/);
});

test('a link that ended is forgotten; one without a round trip is judged by its queue', () => {
  const paces = new LinkPaces();
  const look = (rttMs: number | null, isSlow = false) =>
    paces.look([{ peer: 'a', isSlow, rttMs }]).slow.length;
  for (let at = 0; at < 4; at++) look(5);
  assert.is(look(400), 1);
  paces.look([]);
  assert.is(look(400), 0);
  assert.is(look(null), 0);
  assert.is(look(null, true), 1);
});

test.run();
