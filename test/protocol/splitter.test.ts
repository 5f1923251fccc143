import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFrame, Kind, PREFIX_BYTES } from '../../src/protocol/frame.ts';
import { BODY_BYTES_MAX, FRAME_BYTES_MAX, HEAD_BYTES_MAX } from '../../src/protocol/limits.ts';
import { createSplitter, eachFrame, type Run, splitFrames } from '../../src/protocol/splitter.ts';

/**
 * What a splitter made of the chunks: the frames in order, and the code of the fault that ended it.
 */
interface Outcome {
  readonly frames: string[];
  readonly fault: string | undefined;
}

function collect(chunks: readonly Buffer[], frameBytesMax?: number): Outcome {
  const splitter = createSplitter(frameBytesMax);
  const frames: string[] = [];
  for (const chunk of chunks) {
    for (const run of splitFrames(splitter, chunk)) {
      if (run.kind === 'fault') return { frames, fault: run.fault.code };
      eachFrame(run.bytes, (frame) => frames.push(frame.toString('hex')));
    }
  }
  return { frames, fault: undefined };
}

/** Cuts bytes at the given places, whatever their order; some pieces may be empty. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length];
  edges.sort((a, b) => a - b);
  return edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
}

function frameOf(headBytes: number, bodyBytes: number, kind: number = Kind.MESSAGE): Buffer {
  return encodeFrame({ kind }, Buffer.alloc(headBytes, 1), Buffer.alloc(bodyBytes, 2));
}

const anyFrame = fc
  .tuple(fc.nat({ max: 255 }), fc.nat({ max: 60 }), fc.nat({ max: 300 }))
  .map(([kind, head, body]) => frameOf(head, body, kind));
const places = fc.array(fc.nat(), { maxLength: 40 });

test('any chunking of a stream gives the same frames', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 12 }), places, (frames, cuts) => {
      const outcome = collect(cutAt(Buffer.concat(frames), cuts));
      assert.equal(
        outcome.frames,
        frames.map((frame) => frame.toString('hex')),
      );
      assert.is(outcome.fault, undefined);
    }),
    { numRuns: 500 },
  );
});

test('a stream that comes byte by byte gives the same frames', () => {
  const frames = [frameOf(0, 0), frameOf(3, 5), frameOf(0, 100), frameOf(44, 0)];
  const bytes = Buffer.concat(frames);
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  assert.equal(
    collect(single).frames,
    frames.map((frame) => frame.toString('hex')),
  );
});

test('a large frame that comes byte by byte costs no more than its bytes', () => {
  // Work that grows with the square of the length would not end within the time of a test.
  const bytes = frameOf(0, BODY_BYTES_MAX);
  const splitter = createSplitter();
  let runs: Run[] = [];
  for (let at = 0; at < bytes.length; at++) {
    runs = splitFrames(splitter, bytes.subarray(at, at + 1));
    if (at < bytes.length - 1 && runs.length > 0) throw new Error(`a frame ended at ${at}`);
  }
  assert.is(runs.length, 1);
  assert.ok(runs[0]?.kind === 'frames' && runs[0].bytes.equals(bytes));
});

test('whole frames of one chunk leave as one slice of it, not as copies', () => {
  const chunk = Buffer.concat([frameOf(3, 5), frameOf(0, 9), frameOf(1, 1).subarray(0, 20)]);
  const [run, ...others] = splitFrames(createSplitter(), chunk);
  assert.equal(others, []);
  assert.ok(run?.kind === 'frames');
  assert.is(run.bytes.buffer, chunk.buffer);
  assert.is(run.bytes.length, frameOf(3, 5).length + frameOf(0, 9).length);
});

test('what is kept of a chunk does not change when its memory is used again', () => {
  const frame = frameOf(10, 10);
  const splitter = createSplitter();
  const chunk = Buffer.from(frame.subarray(0, 50));
  splitFrames(splitter, chunk);
  chunk.fill(0xff);
  const [run] = splitFrames(splitter, frame.subarray(50));
  assert.ok(run?.kind === 'frames' && run.bytes.equals(frame));
});

test('a fault ends the stream behind the frames before it, however it is chunked', () => {
  const bad = Buffer.from(frameOf(4, 4));
  bad.writeUInt16BE(60_000, 40);
  const good = [frameOf(1, 2), frameOf(0, 0)];
  fc.assert(
    fc.property(places, (cuts) => {
      const outcome = collect(cutAt(Buffer.concat([...good, bad, frameOf(0, 0)]), cuts));
      assert.equal(
        outcome.frames,
        good.map((frame) => frame.toString('hex')),
      );
      assert.is(outcome.fault, 'E_FRAME_INVALID');
    }),
  );
});

test('random bytes never make it throw, and every frame it gives is a whole one', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
  fc.assert(
    fc.property(chunks, (arrays) => {
      const { frames } = collect(
        arrays.map((array) => Buffer.from(array)),
        4096,
      );
      for (const hex of frames) assert.ok(hex.length / 2 >= PREFIX_BYTES);
    }),
    { numRuns: 1000 },
  );
});

test('the largest message fits the longest frame', () => {
  const frame = frameOf(HEAD_BYTES_MAX, BODY_BYTES_MAX);
  assert.ok(frame.length <= FRAME_BYTES_MAX);
  assert.is(collect(cutAt(frame, [70_000, 500_000])).frames.length, 1);
});

test('a frame of exactly FRAME_BYTES_MAX is taken, one byte more is E_FRAME_TOO_LONG', () => {
  const longest = frameOf(0, FRAME_BYTES_MAX - PREFIX_BYTES);
  assert.is(collect([longest]).frames.length, 1);
  const longer = frameOf(0, FRAME_BYTES_MAX - PREFIX_BYTES + 1);
  assert.is(collect([longer]).fault, 'E_FRAME_TOO_LONG');
  // The length field alone is enough: nothing of it is waited for.
  assert.is(collect([longer.subarray(0, 4)]).fault, 'E_FRAME_TOO_LONG');
  assert.is(collect(cutAt(longer.subarray(0, 4), [1, 2, 3])).fault, 'E_FRAME_TOO_LONG');
});

test('a length below that of the prefix is E_FRAME_INVALID at once', () => {
  assert.is(collect([Buffer.from([0, 0, 0, 39])]).fault, 'E_FRAME_INVALID');
  assert.is(collect([Buffer.from([0, 0, 0, 40])]).fault, undefined);
});

test.run();
