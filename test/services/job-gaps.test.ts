import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JOB_SPOOL_BYTES_MIN } from '../../src/protocol/limits.ts';
import { growGap, NO_GAP, nextPiece } from '../../src/services/job-gaps.ts';

const MAX = JOB_SPOOL_BYTES_MIN;

test('a stream that fits is kept whole', () => {
  assert.is(growGap(NO_GAP, MAX, MAX), undefined);
});

test('of a longer one the middle goes, in whole blocks, and the beginning and the end stay', () => {
  const gap = growGap(NO_GAP, 10 * MAX, MAX);
  assert.equal(gap, { from: MAX / 2, to: 10 * MAX - MAX / 2 });
  assert.is(growGap(gap ?? NO_GAP, 10 * MAX + MAX / 8, MAX), undefined, 'it is seldom moved');
  const more = growGap(gap ?? NO_GAP, 11 * MAX, MAX);
  assert.equal(more, { from: MAX / 2, to: 11 * MAX - MAX / 2 });
});

test('however a stream grows, all that it may keep is kept, and at most a quarter more', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 3 * MAX }), { maxLength: 30 });
  fc.assert(
    fc.property(steps, (grows) => {
      let gap = NO_GAP;
      let bytes = 0;
      for (const grow of grows) {
        bytes += grow;
        const next = growGap(gap, bytes, MAX);
        if (next !== undefined) {
          assert.ok(next.from % 4_096 === 0 && next.to % 4_096 === 0);
          assert.ok(next.to > gap.to && next.to <= bytes);
          gap = next;
        }
        const kept = bytes - (gap.to - gap.from);
        assert.ok(kept <= MAX + MAX / 4 + 8_192, `${kept} of ${bytes}`);
        assert.ok(kept >= Math.min(bytes, MAX - 8_192));
      }
    }),
  );
});

test('a reader gets every byte that is kept once, and hears how many are not', () => {
  const places = fc.record({
    from: fc.integer({ min: 0, max: 500 }),
    gap: fc.integer({ min: 0, max: 500 }),
    rest: fc.integer({ min: 0, max: 500 }),
    length: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(places, ({ from, gap, rest, length }) => {
      const hole = { from, to: from + gap };
      const end = from + gap + rest;
      let [at, kept, omitted] = [0, 0, 0];
      for (;;) {
        const piece = nextPiece(hole, at, end, length);
        if (piece === undefined) break;
        if (piece.kind === 'kept') {
          assert.ok(piece.length > 0 && piece.length <= length);
          kept += piece.length;
          at += piece.length;
        } else {
          omitted += piece.bytes;
          at = piece.to;
        }
      }
      assert.equal([at, kept, omitted], [end, from + rest, gap]);
    }),
  );
});

test.run();
