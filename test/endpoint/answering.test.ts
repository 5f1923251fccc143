import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DagentError } from '../../src/protocol/errors.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { BODY_BYTES_MAX, HEAD_BYTES_MAX, STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { kindsBy, openExchange, quiet, watch } from './pair.ts';

test('a reply has its command, its parameters and its data', async () => {
  const { asking, answering } = await openExchange();
  answering.reply({ command: 'DONE', params: { n: '1' }, data: Buffer.from('data') });
  const { command, params, data } = await asking.outcome;
  assert.is(command, 'DONE');
  assert.equal({ ...params }, { n: '1' });
  assert.is(data.toString(), 'data');
});

test('an exchange has one outcome: what comes second is not sent', async () => {
  const opened = await openExchange();
  opened.answering.reply({ data: Buffer.from('first') });
  opened.answering.reply({ data: Buffer.from('second') });
  opened.answering.reject({ code: 'E_INTERNAL', values: {} });
  opened.answering.progress('late');
  await quiet();
  assert.is((await opened.asking.outcome).data.toString(), 'first');
  assert.equal(kindsBy(opened, 'there'), [Kind.REPLY]);
});

test('when it is over at the answering side, nothing is sent any more', async () => {
  const opened = await openExchange();
  opened.answering.reply();
  await opened.asking.outcome;
  const before = opened.passed.length;
  assert.ok(opened.answering.write(1, Buffer.from('late')));
  opened.answering.end(1);
  opened.answering.grant(STREAM_WINDOW_BYTES);
  await quiet();
  assert.is(opened.passed.length, before);
});

test('a reply that is too large is refused to its writer, and another one may follow', async () => {
  const opened = await openExchange();
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
  const { asking, answering } = await openExchange();
  const values = { class: 'Error', node: 'there', text: `so much: ${'x'.repeat(100_000)}` };
  answering.reject({ code: 'E_REMOTE', values, details: Buffer.alloc(100_000) });
  const error = await asking.outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_REMOTE');
  assert.match(error.message, /^Error at there: so much: xxx/);
});

test('progress arrives before the outcome, in its order', async () => {
  const { asking, answering } = await openExchange();
  const heard: unknown[] = [];
  asking.onProgress = (value) => heard.push(value);
  answering.progress({ done: 1 });
  answering.progress(2);
  answering.reply();
  await asking.outcome;
  assert.equal(heard, [{ done: 1 }, 2]);
});

test('a reply waits for the data that was written before it', async () => {
  const opened = await openExchange();
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

test('a cancel lets out the reply that waited for data', async () => {
  const { asking, answering } = await openExchange();
  asking.onData = () => undefined;
  const seen = watch(asking);
  answering.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  answering.reply({ data: Buffer.from('done') });
  asking.cancel();
  await quiet();
  assert.equal(seen, { data: 'done' });
});

test.run();
