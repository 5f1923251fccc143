import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Answering } from '../../src/endpoint/answering.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { encodeFrame, Kind } from '../../src/protocol/frame.ts';
import {
  BODY_BYTES_MAX,
  HEAD_BYTES_MAX,
  STREAM_CHUNK_BYTES,
  STREAM_WINDOW_BYTES,
} from '../../src/protocol/limits.ts';
import { createPair, type Pair, quiet } from './pair.ts';

interface Opened extends Pair {
  readonly asking: Asking;
  readonly answering: Answering;
}

/** An exchange that is open at both ends. */
async function open(): Promise<Opened> {
  const pair = createPair();
  let answering: Answering | undefined;
  pair.there.handle('dagent', {
    onRequest(exchange) {
      answering = exchange;
    },
  });
  const asking = pair.here.request({ to: 'there:', command: 'WORK' });
  await quiet();
  assert.ok(answering);
  return { ...pair, asking, answering: answering as Answering };
}

/** How an exchange ended, as soon as it has. */
function watch(asking: Asking): { code?: string; data?: string } {
  const seen: { code?: string; data?: string } = {};
  asking.outcome.then(
    ({ data }) => {
      seen.data = data.toString();
    },
    (error: DagentError) => {
      seen.code = error.code;
    },
  );
  return seen;
}

function kindsBy({ passed }: Pair, side: 'here' | 'there'): number[] {
  return passed.filter(({ by }) => by === side).map(({ kind }) => kind);
}

function countData({ passed }: Pair): number {
  return passed.reduce((sum, { kind, body }) => sum + (kind === Kind.DATA ? body.length : 0), 0);
}

test('a reply has its command, its parameters and its data', async () => {
  const { asking, answering } = await open();
  answering.reply({ command: 'DONE', params: { n: '1' }, data: Buffer.from('data') });
  const { command, params, data } = await asking.outcome;
  assert.is(command, 'DONE');
  assert.equal({ ...params }, { n: '1' });
  assert.is(data.toString(), 'data');
});

test('an exchange has one outcome: what comes second is not sent', async () => {
  const opened = await open();
  opened.answering.reply({ data: Buffer.from('first') });
  opened.answering.reply({ data: Buffer.from('second') });
  opened.answering.reject({ code: 'E_CANCELLED', values: {} });
  opened.answering.progress('late');
  await quiet();
  assert.is((await opened.asking.outcome).data.toString(), 'first');
  assert.equal(kindsBy(opened, 'there'), [Kind.REPLY]);
});

test('progress arrives before the outcome, in its order', async () => {
  const { asking, answering } = await open();
  const heard: unknown[] = [];
  asking.onProgress = (value) => heard.push(value);
  answering.progress({ done: 1 });
  answering.progress(2);
  answering.reply();
  await asking.outcome;
  assert.equal(heard, [{ done: 1 }, 2]);
});

test('streams go both ways, each channel for itself, and their ends behind their data', async () => {
  const { asking, answering } = await open();
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
  const opened = await open();
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
  const opened = await open();
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
  const opened = await open();
  const { asking, answering } = opened;
  asking.onData = (_, bytes) => asking.grant(bytes.length);
  for (let count = 0; count < 1000; count++) answering.write(1, Buffer.alloc(1000));
  await quiet();
  assert.is(countData(opened), 1_000_000);
  const credits = kindsBy(opened, 'here').filter((kind) => kind === Kind.CREDIT);
  assert.ok(credits.length <= 16, `${credits.length} frames of credit`);
});

test('who does not look at a stream does not stop it', async () => {
  const opened = await open();
  opened.answering.write(1, Buffer.alloc(4 * STREAM_WINDOW_BYTES));
  await quiet();
  assert.is(countData(opened), 4 * STREAM_WINDOW_BYTES);
});

test('a large piece travels in small ones', async () => {
  const opened = await open();
  opened.answering.write(1, Buffer.alloc(100_000));
  await quiet();
  const sizes = opened.passed
    .filter(({ kind }) => kind === Kind.DATA)
    .map(({ body }) => body.length);
  assert.equal(sizes, [STREAM_CHUNK_BYTES, STREAM_CHUNK_BYTES, STREAM_CHUNK_BYTES, 1_696]);
});

test('a reply waits for the data that was written before it', async () => {
  const opened = await open();
  const { asking, answering } = opened;
  asking.onData = () => undefined;
  const seen = watch(asking);
  answering.write(1, Buffer.alloc(STREAM_WINDOW_BYTES + 1));
  answering.reply({ data: Buffer.from('done') });
  await quiet();
  assert.equal(seen, {});
  asking.grant(STREAM_WINDOW_BYTES);
  await quiet();
  assert.equal(seen, { data: 'done' });
  assert.equal(kindsBy(opened, 'there').slice(-2), [Kind.DATA, Kind.REPLY]);
});

test('a cancel discards what is queued and what is still written, and the outcome comes', async () => {
  const opened = await open();
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
  answering.reject({ code: 'E_CANCELLED', values: {} });
  await quiet();
  assert.equal(seen, { code: 'E_CANCELLED' });
  assert.is(countData(opened), STREAM_WINDOW_BYTES);
});

test('a cancel lets out the reply that waited for data', async () => {
  const { asking, answering } = await open();
  asking.onData = () => undefined;
  const seen = watch(asking);
  answering.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  answering.reply({ data: Buffer.from('done') });
  asking.cancel();
  await quiet();
  assert.equal(seen, { data: 'done' });
});

test('when it is over at the answering side, nothing is sent any more', async () => {
  const opened = await open();
  opened.answering.reply();
  await opened.asking.outcome;
  const before = opened.passed.length;
  assert.ok(opened.answering.write(1, Buffer.from('late')));
  opened.answering.end(1);
  opened.answering.grant(STREAM_WINDOW_BYTES);
  await quiet();
  assert.is(opened.passed.length, before);
});

test('when it is over at the asking side, nothing is sent and nothing is heard', async () => {
  const opened = await open();
  const { asking, answering } = opened;
  const heard: unknown[] = [];
  asking.onData = (_, bytes) => heard.push(bytes);
  asking.onProgress = (value) => heard.push(value);
  asking.fail(new DagentError('E_DEADLINE', { to: 'there:', ms: 5 }));
  answering.progress(1);
  answering.write(1, Buffer.from('late'));
  answering.reply({ data: Buffer.from('late') });
  await quiet();
  assert.equal(heard, []);
  const before = opened.passed.length;
  asking.cancel();
  asking.grant(STREAM_WINDOW_BYTES);
  assert.ok(asking.write(0, Buffer.from('late')));
  await quiet();
  assert.is(opened.passed.length, before);
  const error = await asking.outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_DEADLINE');
});

test('an error of a router speaks of the destination as it was asked for', async () => {
  const { asking, answering } = await open();
  answering.reject({ code: 'E_UNREACHABLE', values: { to: '#77', node: 'hub' }, origin: 'hub' });
  const error = await asking.outcome.catch((thrown) => thrown);
  assert.is(error.message, 'there: cannot be reached: hub knows no way');
  assert.is(error.origin, 'hub');
});

test('a reply that is too large is refused to its writer, and another one may follow', async () => {
  const opened = await open();
  const { asking, answering } = opened;
  const tooLarge = (error: DagentError) => error.code === 'E_TOO_LARGE';
  const params = { text: 'x'.repeat(HEAD_BYTES_MAX) };
  assert.throws(() => answering.reply({ data: Buffer.alloc(BODY_BYTES_MAX + 1) }), tooLarge);
  assert.throws(() => answering.reply({ params }), tooLarge);
  assert.throws(() => answering.progress(params.text), tooLarge);
  answering.reply({ data: Buffer.alloc(BODY_BYTES_MAX) });
  assert.is((await asking.outcome).data.length, BODY_BYTES_MAX);
});

test('an error that is too long to travel is cut, and arrives', async () => {
  const { asking, answering } = await open();
  const values = { class: 'Error', node: 'there', text: `so much: ${'x'.repeat(100_000)}` };
  answering.reject({ code: 'E_REMOTE', values, details: Buffer.alloc(100_000) });
  const error = await asking.outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_REMOTE');
  assert.match(error.message, /^Error at there: so much: xxx/);
});

test('credit of a wrong length is no credit', async () => {
  const { asking, answering, there } = await open();
  asking.onData = () => undefined;
  answering.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  await quiet();
  const fields = { kind: Kind.CREDIT, ...asking.address };
  for (const body of ['', 'abc', 'abcde']) {
    there.receive(encodeFrame(fields, undefined, Buffer.from(body)));
  }
  await quiet();
  assert.ok(answering.hasQueued);
});

test.run();
