import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FILE_PART_MS } from '../../src/protocol/limits.ts';
import { FileParts } from '../../src/services/file-parts.ts';
import { FakeClock } from '../fakes/clock.ts';

const PART = '/srv/.dagent-0123456789abcdef01234567.part';

function create(left?: unknown) {
  const clock = new FakeClock();
  const removed: string[] = [];
  const notes: (readonly string[])[] = [];
  const parts = new FileParts({
    clock,
    recall: () => left,
    note: (paths) => void notes.push(paths),
    remove: (path) => Promise.resolve(void removed.push(path)),
  });
  parts.start();
  return { clock, removed, notes, parts };
}

test('a part has one copy at a time', () => {
  const { parts } = create();
  parts.open(PART);
  assert.throws(() => parts.open(PART), /another copy is writing/);
  parts.close(PART, false);
  parts.open(PART);
});

test(`a part that nobody comes back for is removed after ${FILE_PART_MS} ms`, () => {
  const { parts, clock, removed, notes } = create();
  parts.open(PART);
  parts.close(PART, true);
  clock.advance(FILE_PART_MS - 1);
  assert.equal(removed, []);
  assert.equal(notes.at(-1), [PART]);
  clock.advance(1);
  assert.equal(removed, [PART]);
  clock.advance(FILE_PART_MS);
  assert.equal(notes.at(-1), []);
  assert.is(clock.timerCount, 0);
});

test('a part that is gone on with stays', () => {
  const { parts, clock, removed } = create();
  parts.open(PART);
  parts.close(PART, true);
  clock.advance(FILE_PART_MS - 1);
  parts.open(PART);
  clock.advance(FILE_PART_MS);
  assert.equal(removed, []);
});

test('what is over soon is not written down, what is not is, at the end at the latest', () => {
  const { parts, clock, notes } = create();
  parts.open(PART);
  parts.close(PART, false);
  clock.advance(10_000);
  assert.equal(notes, [[]]);
  parts.open(PART);
  parts.stop();
  assert.equal(notes, [[], [PART]]);
  assert.is(clock.timerCount, 0);
});

test('what a crash has left is removed in the same way, and nothing else ever', () => {
  const { clock, removed } = create([PART, '/etc/passwd', '/srv/.dagent-x.part', 7]);
  clock.advance(FILE_PART_MS);
  assert.equal(removed, [PART]);
  create('no list').clock.advance(FILE_PART_MS);
});

test.run();
