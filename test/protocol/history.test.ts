import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FIGURES } from '../../src/protocol/figures.ts';
import { parseHistory, TRACKS } from '../../src/protocol/history.ts';
import { HISTORY_MINUTES } from '../../src/protocol/limits.ts';

test('what is remembered are figures, and the round trip', () => {
  const known = new Set<string>([...FIGURES.map(({ id }) => id), 'rttMs']);
  for (const { id } of TRACKS) assert.ok(known.has(id), id);
});

test('a history comes through, without what we do not know of it', () => {
  const load = { id: 'load1', kind: 'mean', values: [null, 1, 2] };
  const history = { node: 'web1', endAtMs: 5, stepMs: 60_000, tracks: [load] };
  assert.equal(parseHistory(history), history);
  const newer = [{ id: 'mood', kind: 'mean', values: [1] }, null, 7, load];
  assert.equal(parseHistory({ ...history, tracks: newer }), history);
  const odd = [{ ...load, values: [-1, 'x', 3] }];
  assert.equal(parseHistory({ ...history, tracks: odd })?.tracks[0]?.values, [null, null, 3]);
  const long = [{ ...load, values: Array(HISTORY_MINUTES + 1).fill(1) }];
  assert.equal(parseHistory({ ...history, tracks: long })?.tracks, []);
});

test('what is no history is none', () => {
  const history = { node: 'web1', endAtMs: 5, stepMs: 60_000, tracks: [] };
  for (const odd of [{ node: 'a b' }, { endAtMs: '5' }, { stepMs: 0 }, { tracks: 7 }]) {
    assert.is(parseHistory({ ...history, ...odd }), undefined);
  }
});

test('whatever comes, parsing ends well', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseHistory(value)));
});

test.run();
