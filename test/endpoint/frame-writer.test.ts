import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FrameWriter } from '../../src/endpoint/frame-writer.ts';
import { bodyOf, decodeHeader, encodeFrame, headOf, Kind } from '../../src/protocol/frame.ts';
import { BODY_BYTES_MAX } from '../../src/protocol/limits.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';

const HEAD = Buffer.from('head');

/** A sink that keeps what is written, and flushes when it is told to. */
class Sink {
  readonly written: Buffer[] = [];
  taken: (() => void)[] = [];
  flushes: (() => void)[] = [];

  write(bytes: Buffer, onTaken: () => void): void {
    this.written.push(bytes);
    this.taken.push(onTaken);
  }

  /** Needs what was written no longer. */
  take(): void {
    for (const onTaken of this.taken.splice(0)) onTaken();
  }

  schedule(flush: () => void): void {
    this.flushes.push(flush);
  }

  flush(): void {
    for (const flush of this.flushes.splice(0)) flush();
  }

  /** Bodies of all frames that were written. */
  bodies(): string[] {
    const bodies: string[] = [];
    eachFrame(Buffer.concat(this.written), (frame) => bodies.push(bodyOf(frame).toString()));
    return bodies;
  }
}

test('a burst of frames leaves as one write, once', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  for (const word of ['one', 'two', 'three']) {
    writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from(word));
  }
  assert.is(sink.written.length, 0);
  assert.is(sink.flushes.length, 1);
  sink.flush();
  assert.is(sink.written.length, 1);
  assert.equal(sink.bodies(), ['one', 'two', 'three']);
  sink.flush();
  assert.is(sink.written.length, 1);
});

test('a frame is byte for byte what encodeFrame makes of it', () => {
  const sink = new Sink();
  const fields = { kind: Kind.REQUEST, flags: 1, channel: 2, toNode: 0x123456789abc, number: 7 };
  new FrameWriter(sink).write(fields, HEAD, Buffer.from('body'));
  sink.flush();
  assert.ok(sink.written[0]?.equals(encodeFrame(fields, HEAD, Buffer.from('body'))));
});

test('a frame like another has its own number and body, small or large, and the rest of it', () => {
  const fields = { kind: Kind.MESSAGE, toNode: 0x123456789abc, toService: 5, seed: 9 };
  const template = encodeFrame(fields, HEAD);
  for (const body of [Buffer.from('body'), Buffer.alloc(BODY_BYTES_MAX, 'x'), Buffer.alloc(0)]) {
    const sink = new Sink();
    const writer = new FrameWriter(sink);
    writer.writeLike(template, 0xffffffff, body);
    sink.flush();
    const expected = encodeFrame({ ...fields, number: 0xffffffff }, HEAD, body);
    assert.ok(sink.written[0]?.equals(expected), `${body.length} bytes`);
  }
  assert.ok(template.equals(encodeFrame(fields, HEAD)));
});

test('what was handed on is not touched by what comes later', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from('first'));
  writer.flush();
  const first = Buffer.from(sink.written[0] ?? '');
  for (let count = 0; count < 5000; count++) {
    writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.alloc(100, 0xff));
  }
  writer.flush();
  assert.ok(sink.written[0]?.equals(first));
  assert.is(sink.bodies().length, 5001);
});

test('more than fits one buffer leaves in its order, in few writes', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  const words = Array.from({ length: 1000 }, (_, index) => `word ${index} `.padEnd(300, '.'));
  for (const word of words) writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from(word));
  sink.flush();
  assert.equal(sink.bodies(), words);
  assert.ok(sink.written.length <= 7);
});

test('a frame larger than the buffer stays behind what was written before it', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from('before'));
  writer.write({ kind: Kind.DATA }, HEAD, Buffer.alloc(BODY_BYTES_MAX, 'x'));
  writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from('after'));
  sink.flush();
  const kinds: number[] = [];
  eachFrame(Buffer.concat(sink.written), (frame) => {
    assert.is(headOf(frame).toString(), 'head');
    kinds.push(decodeHeader(frame).kind);
  });
  assert.equal(kinds, [Kind.MESSAGE, Kind.DATA, Kind.MESSAGE]);
});

test('after a flush the next frame asks to be flushed anew', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from('one'));
  sink.flush();
  writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.from('two'));
  assert.is(sink.flushes.length, 1);
  sink.flush();
  assert.equal(sink.bodies(), ['one', 'two']);
});

/** Writes frames that fill more than one buffer; which buffers they went into. */
function fillOne(writer: FrameWriter, sink: Sink): ArrayBufferLike[] {
  const first = sink.written.length;
  for (let count = 0; count < 3; count++) {
    writer.write({ kind: Kind.MESSAGE }, HEAD, Buffer.alloc(30_000, count));
  }
  sink.flush();
  return sink.written.slice(first).map(({ buffer }) => buffer);
}

test('what was taken is written over, what was not is left alone', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  const [first, second] = fillOne(writer, sink);
  assert.is.not(first, second);
  const [still, third] = fillOne(writer, sink);
  assert.is(still, second, 'it has room left');
  assert.is.not(third, first, 'nobody has said that it was read');
  const before = sink.written.slice(0, 4).map((bytes) => bytes.toString('hex'));
  sink.take();
  const [again] = fillOne(writer, sink);
  assert.ok([first, second].includes(again), 'it is used again');
  assert.not.equal(
    sink.written.slice(0, 4).map((bytes) => bytes.toString('hex')),
    before,
  );
});

test('no more buffers are kept than a busy sender has under way', () => {
  const sink = new Sink();
  const writer = new FrameWriter(sink);
  const many = 40;
  for (let count = 0; count < many; count++) fillOne(writer, sink);
  sink.take();
  const known = new Set(sink.written.map(({ buffer }) => buffer));
  const [, ...again] = Array.from({ length: many }, () => fillOne(writer, sink)).flat();
  const reused = new Set(again.filter((buffer) => known.has(buffer)));
  assert.ok(reused.size > 0 && reused.size <= 17, `${reused.size} of ${known.size} are used again`);
});

test.run();
