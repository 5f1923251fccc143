import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { viewOf } from '../../src/base/view.ts';
import { FlowTable } from '../../src/endpoint/flow-table.ts';
import { encodeFrame, type FrameFields, headOf, Kind } from '../../src/protocol/frame.ts';

const FIELDS: FrameFields = {
  kind: Kind.MESSAGE,
  toNode: 0x123456789abc,
  toService: 5,
  fromService: 6,
  fromNode: 0xabcdef,
  seed: 9,
};
const HEAD = 'a head of 22 bytes, odd';

/** A table whose meanings are the heads, and that counts how often it had to read one. */
class Bench {
  readCount = 0;
  readonly table = new FlowTable((frame) => {
    this.readCount++;
    return headOf(frame).toString();
  });

  find(fields: FrameFields, head: string, before = 0): string {
    const frame = encodeFrame(fields, Buffer.from(head), Buffer.from('body'));
    const bytes = Buffer.concat([Buffer.alloc(before), frame]);
    return this.table.find(bytes, viewOf(bytes), before);
  }
}

test('frames that differ in number, timeout, hop limit and place only are read once', () => {
  const bench = new Bench();
  for (const more of [{}, { number: 7 }, { timeout: 8 }, { hops: 9 }]) {
    for (const before of [0, 1, 44, 1001]) {
      assert.is(bench.find({ ...FIELDS, ...more }, HEAD, before), HEAD);
    }
  }
  assert.is(bench.readCount, 1);
});

test('a frame that differs in anything else is one of another flow', () => {
  const others: Partial<FrameFields>[] = [
    { kind: Kind.REQUEST },
    { flags: 1 },
    { channel: 1 },
    { toNode: 0x123456789abd },
    { toService: 6 },
    { fromService: 7 },
    { fromNode: 0x1_0000_0000 },
    { seed: 10 },
  ];
  for (const more of others) {
    const bench = new Bench();
    bench.find(FIELDS, HEAD);
    bench.find({ ...FIELDS, ...more }, HEAD);
    assert.is(bench.readCount, 2, JSON.stringify(more));
  }
});

test('heads that differ in one byte, wherever it is, have each their meaning', () => {
  const bench = new Bench();
  for (let at = 0; at < HEAD.length; at++) {
    const other = `${HEAD.slice(0, at)}!${HEAD.slice(at + 1)}`;
    for (const head of [HEAD, other, HEAD, other.slice(0, -1)]) {
      assert.is(bench.find(FIELDS, head), head);
    }
  }
});

test('flows that take turns are remembered side by side', () => {
  const bench = new Bench();
  const heads = Array.from({ length: 10 }, (_, index) => `the command ${index}`);
  for (let round = 0; round < 10; round++) for (const head of heads) bench.find(FIELDS, head);
  assert.ok(bench.readCount < 50, `${bench.readCount} of 100 were read`);
});

test('without a head, or with a very long one, a frame is read each time', () => {
  for (const head of ['', 'abc', 'x'.repeat(1025)]) {
    const bench = new Bench();
    for (let count = 0; count < 3; count++) assert.is(bench.find(FIELDS, head), head);
    assert.is(bench.readCount, 3);
  }
  const kept = new Bench();
  for (let count = 0; count < 3; count++) kept.find(FIELDS, 'x'.repeat(1024));
  assert.is(kept.readCount, 1);
});

test('what was forgotten is read anew', () => {
  const bench = new Bench();
  bench.find(FIELDS, HEAD);
  bench.table.clear();
  assert.is(bench.find(FIELDS, HEAD), HEAD);
  assert.is(bench.readCount, 2);
});

test('what is remembered is not changed with the memory of the frame', () => {
  const bench = new Bench();
  const frame = encodeFrame(FIELDS, Buffer.from(HEAD));
  bench.table.find(frame, viewOf(frame), 0);
  frame.fill(0xff, 4);
  assert.is(bench.find(FIELDS, HEAD), HEAD);
  assert.is(bench.readCount, 1);
});

test.run();
