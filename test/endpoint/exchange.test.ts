import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeFrame, Kind } from '../../src/protocol/frame.ts';
import { STREAM_CHUNK_BYTES, STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { kindsBy, openExchange, type Pair, quiet, watch } from './pair.ts';

function countData({ passed }: Pair): number {
  return passed.reduce((sum, { kind, body }) => sum + (kind === Kind.DATA ? body.length : 0), 0);
}

test('streams go both ways, each channel for itself, their ends behind their data', async () => {
  const { asking, answering } = await openExchange();
  const heard: string[] = [];
  answering.onData = (channel, bytes) => heard.push(`there ${channel} ${bytes}`);
  answering.onEnd = (channel) => heard.push(`there ${channel} end`);
  asking.onData = (channel, bytes) => heard.push(`here ${channel} ${bytes}`);
  asking.onEnd = (channel) => heard.push(`here ${channel} end`);
  asking.write(0, Buffer.from('question'));
  asking.end(0);
  await quiet();
  answering.write(1, Buffer.from('out'));
  answering.write(2, Buffer.from('err'));
  answering.end(2);
  answering.end(1);
  await quiet();
  assert.equal(heard, [
    'there 0 question',
    'there 0 end',
    'here 1 out',
    'here 2 err',
    'here 2 end',
    'here 1 end',
  ]);
});

test('a reader that grants nothing stops the writer at the window', async () => {
  const opened = await openExchange();
  const { asking, answering } = opened;
  asking.onData = () => undefined;
  assert.not.ok(answering.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES)));
  answering.end(1);
  await quiet();
  assert.is(countData(opened), STREAM_WINDOW_BYTES);
  assert.ok(answering.hasQueued);
  assert.not.ok(kindsBy(opened, 'there').includes(Kind.END));
});

test('credit lets the writer go on to the end, and tells it once when it may', async () => {
  const opened = await openExchange();
  const { asking, answering } = opened;
  let readBytes = 0;
  let drainCount = 0;
  let hasEnded = false;
  asking.onData = (_, bytes) => {
    readBytes += bytes.length;
  };
  asking.onEnd = () => {
    hasEnded = true;
  };
  answering.onDrain = () => drainCount++;
  answering.write(1, Buffer.alloc(3 * STREAM_WINDOW_BYTES));
  answering.end(1);
  await quiet();
  for (let round = 1; round < 3; round++) {
    assert.is(drainCount, 0);
    asking.grant(STREAM_WINDOW_BYTES);
    await quiet();
    assert.is(readBytes, (round + 1) * STREAM_WINDOW_BYTES);
  }
  assert.is(drainCount, 1);
  assert.ok(hasEnded);
  assert.not.ok(answering.hasQueued);
});

test('small grants are gathered: not every piece costs a frame of credit', async () => {
  const opened = await openExchange();
  const { asking, answering } = opened;
  asking.onData = (_, bytes) => asking.grant(bytes.length);
  for (let count = 0; count < 1000; count++) answering.write(1, Buffer.alloc(1000));
  await quiet();
  assert.is(countData(opened), 1_000_000);
  const credits = kindsBy(opened, 'here').filter((kind) => kind === Kind.CREDIT);
  assert.ok(credits.length <= 16, `${credits.length} frames of credit`);
});

test('who does not look at a stream does not stop it', async () => {
  const opened = await openExchange();
  opened.answering.write(1, Buffer.alloc(4 * STREAM_WINDOW_BYTES));
  await quiet();
  assert.is(countData(opened), 4 * STREAM_WINDOW_BYTES);
});

test('a large piece travels in small ones', async () => {
  const opened = await openExchange();
  opened.answering.write(1, Buffer.alloc(100_000));
  await quiet();
  const sizes = opened.passed
    .filter(({ kind }) => kind === Kind.DATA)
    .map(({ body }) => body.length);
  assert.equal(sizes, [STREAM_CHUNK_BYTES, STREAM_CHUNK_BYTES, STREAM_CHUNK_BYTES, 1_696]);
});

test('a cancel discards what is queued and still written; the outcome comes', async () => {
  const opened = await openExchange();
  const { asking, answering } = opened;
  let cancelCount = 0;
  asking.onData = () => undefined;
  answering.onCancel = () => cancelCount++;
  const seen = watch(asking);
  answering.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  await quiet();
  asking.cancel();
  await quiet();
  assert.is(cancelCount, 1);
  assert.not.ok(answering.hasQueued);
  assert.ok(answering.write(1, Buffer.from('too late')));
  answering.reject({ code: 'E_LEAVING', values: {} });
  await quiet();
  assert.equal(seen, { code: 'E_LEAVING' });
  assert.is(countData(opened), STREAM_WINDOW_BYTES);
});

test('credit of a wrong length is no credit', async () => {
  const { asking, answering, there } = await openExchange();
  asking.onData = () => undefined;
  answering.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  await quiet();
  const fields = { kind: Kind.CREDIT, ...asking.address, number: asking.number };
  for (const body of ['', 'abc', 'abcde']) {
    there.receive(encodeFrame(fields, undefined, Buffer.from(body)));
  }
  await quiet();
  assert.ok(answering.hasQueued);
});

test.run();
