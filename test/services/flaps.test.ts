import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FLAP_WINDOW_MS, FLAPS_COUNTED_MAX } from '../../src/protocol/limits.ts';
import { Flaps } from '../../src/services/flaps.ts';

test('losses are counted by node, within the window', () => {
  const flaps = new Flaps();
  assert.is(flaps.count('web', 0), 0);
  assert.equal(
    [flaps.lost('web', 0), flaps.lost('web', 1_000), flaps.lost('db', 1_000)],
    [1, 2, 1],
  );
  assert.is(flaps.count('web', FLAP_WINDOW_MS - 1), 2);
  assert.is(flaps.count('web', FLAP_WINDOW_MS), 1);
  assert.is(flaps.lost('web', FLAP_WINDOW_MS + 1_000), 1);
});

test('one who left was not lost', () => {
  const flaps = new Flaps();
  flaps.lost('web', 0);
  flaps.undo('web');
  assert.is(flaps.count('web', 0), 0);
});

test('nodes that have settled are forgotten', () => {
  const flaps = new Flaps();
  for (let number = 0; number < 1_000; number++) flaps.lost(`web${number}`, number);
  assert.is(flaps.size, 1_000);
  flaps.lost('web999', FLAP_WINDOW_MS + 998);
  assert.is(flaps.size, 1);
});

test('more losses than are counted cost nothing more', () => {
  const flaps = new Flaps();
  for (let number = 0; number < FLAPS_COUNTED_MAX + 50; number++) flaps.lost('web', number);
  assert.is(flaps.count('web', FLAPS_COUNTED_MAX + 50), FLAPS_COUNTED_MAX);
});

test.run();
