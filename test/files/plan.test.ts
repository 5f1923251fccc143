import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { blockBytes, buildTree, cutBlock, HASH_BYTES, hashOf } from '../../src/files/blocks.ts';
import {
  createPlan,
  type Place,
  type Plan,
  type PlanInput,
  type PlanOutput,
  step,
} from '../../src/files/plan.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
import {
  FILE_BLOCK_BYTES,
  FILE_BLOCKS_IN_FLIGHT,
  FILE_SOURCE_MS,
} from '../../src/protocol/limits.ts';

const LOST: ErrorData = { code: 'E_SOURCE_LOST', values: { origin: 'hq:~1', reason: 'gone' } };
const CHANGED: ErrorData = { code: 'E_FILE_CHANGED', values: { path: '/x' } };

/** A content of so many blocks, whose last one has a single byte. */
function contentOf(blocks: number) {
  const size = (blocks - 1) * FILE_BLOCK_BYTES + 1;
  const leaves = Array.from({ length: blocks }, (_, index) => hashOf(Buffer.from(`b${index}`)));
  const { hash, levels } = buildTree(Buffer.from(leaves.join(''), 'hex'));
  return { content: { hash, size }, levels, leaves };
}

/** Stands for the bytes of a block of content: the plan only hands them on. */
const BYTES = Buffer.from('bytes');

function bytesAt(levels: readonly Buffer[], { level, index }: Place): Buffer {
  const above = levels[level - 1];
  return above === undefined ? BYTES : cutBlock(above, index);
}

/** What a plan has open, and what it has done. */
class Run {
  readonly plan: Plan;
  readonly open: PlanOutput[] = [];
  readonly written: number[] = [];
  readonly checked: number[] = [];
  wakeAtMs = Number.POSITIVE_INFINITY;
  end: PlanOutput | undefined;
  activeMax = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.feed({ kind: 'begin' }, 0);
  }

  feed(input: PlanInput, nowMs: number): void {
    for (const output of step(this.plan, input, nowMs)) {
      if (output.kind === 'done' || output.kind === 'fail') this.end = output;
      else if (output.kind === 'wake') this.wakeAtMs = output.atMs;
      else this.open.push(output);
    }
    this.activeMax = Math.max(this.activeMax, this.open.length);
  }

  /** Takes one of the open tasks. */
  take(at: number): PlanOutput | undefined {
    return this.open.splice(at % Math.max(1, this.open.length), 1)[0];
  }
}

test('whatever comes in whatever order, each block is written once, and then it is done', () => {
  const choice = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 9 }));
  const run = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(40), fc.infiniteStream(choice));
  fc.assert(
    fc.property(run, ([blocks, left, choices]) => {
      const { content, levels, leaves } = contentOf(blocks);
      const leftBytes = Math.min(left * FILE_BLOCK_BYTES, content.size);
      const it = new Run(createPlan(content, leftBytes, 0));
      const inPlace = new Set<number>();
      let nowMs = 0;
      for (const [at, luck] of choices) {
        if (it.end !== undefined) break;
        const task = it.take(at);
        nowMs += 1;
        if (task === undefined) {
          nowMs = Math.max(nowMs, it.wakeAtMs);
          it.feed({ kind: 'tick' }, nowMs);
        } else if (task.kind === 'ask') {
          const { place } = task;
          if (place.level === 0) assert.is(task.hash, leaves[place.index]);
          if (luck < 3) it.feed({ kind: 'failed', place, error: LOST }, nowMs);
          else it.feed({ kind: 'came', place, bytes: bytesAt(levels, place) }, nowMs);
        } else if (task.kind === 'check') {
          const isGood = luck > 4;
          if (isGood) assert.not(inPlace.has(task.index));
          if (isGood) inPlace.add(task.index);
          it.feed({ kind: 'checked', index: task.index, isGood }, nowMs);
        } else if (task.kind === 'write') {
          assert.not(inPlace.has(task.index), 'a block is written once');
          inPlace.add(task.index);
          it.feed({ kind: 'written', index: task.index }, nowMs);
        }
      }
      assert.is(it.end?.kind, 'done');
      assert.is(inPlace.size, blocks);
      assert.ok(it.activeMax <= FILE_BLOCKS_IN_FLIGHT);
    }),
  );
});

test(`no more than ${FILE_BLOCKS_IN_FLIGHT} blocks are under way`, () => {
  const { content, levels } = contentOf(FILE_BLOCKS_IN_FLIGHT + 5);
  const it = new Run(createPlan(content, 0, 0));
  assert.is(it.open.length, 1, 'the hashes first');
  const place = { level: 1, index: 0 };
  it.take(0);
  it.feed({ kind: 'came', place, bytes: bytesAt(levels, place) }, 0);
  assert.is(it.open.length, FILE_BLOCKS_IN_FLIGHT);
  // One that has come is still to be written.
  it.take(0);
  it.feed({ kind: 'came', place: { level: 0, index: 0 }, bytes: BYTES }, 0);
  assert.is(it.open.length, FILE_BLOCKS_IN_FLIGHT);
  it.feed({ kind: 'written', index: 0 }, 0);
  assert.equal(it.open.at(-1), {
    kind: 'ask',
    place: { level: 0, index: FILE_BLOCKS_IN_FLIGHT },
    hash: levels[0]?.toString(
      'hex',
      FILE_BLOCKS_IN_FLIGHT * HASH_BYTES,
      (FILE_BLOCKS_IN_FLIGHT + 1) * HASH_BYTES,
    ),
  });
});

test('what a former copy has left is looked at, as far as it reaches', () => {
  const { content, levels } = contentOf(4);
  const it = new Run(createPlan(content, 2 * FILE_BLOCK_BYTES + 5, 0));
  it.take(0);
  const place = { level: 1, index: 0 };
  it.feed({ kind: 'came', place, bytes: bytesAt(levels, place) }, 0);
  assert.equal(
    it.open.map(({ kind }) => kind),
    ['check', 'check', 'ask', 'ask'],
  );
  assert.is(blockBytes(content.size, 0, 3), 1);
});

test(`a source that gives nothing for ${FILE_SOURCE_MS} ms ends it with its last word`, () => {
  const it = new Run(createPlan(contentOf(1).content, 0, 0));
  const place = { level: 0, index: 0 };
  for (let nowMs = 0; nowMs < FILE_SOURCE_MS; nowMs = it.wakeAtMs) {
    it.take(0);
    it.feed({ kind: 'failed', place, error: LOST }, nowMs);
    assert.is(it.end, undefined);
    assert.ok(it.wakeAtMs > nowMs && it.wakeAtMs <= nowMs + 2_000);
    it.feed({ kind: 'tick' }, it.wakeAtMs);
    assert.is(it.open.length, 1, 'it is asked for again');
  }
  it.feed({ kind: 'failed', place, error: LOST }, FILE_SOURCE_MS);
  assert.equal(it.end, { kind: 'fail', error: LOST });
});

test('what no other try mends ends it at once', () => {
  const it = new Run(createPlan(contentOf(1).content, 0, 0));
  it.feed({ kind: 'failed', place: { level: 0, index: 0 }, error: CHANGED }, 1);
  assert.equal(it.end, { kind: 'fail', error: CHANGED });
  it.feed({ kind: 'tick' }, 2);
  assert.is(it.open.length, 1, 'nothing more is asked for');
});

test.run();
