import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { openExchange, quiet } from './pair.ts';

test('when it is over at the asking side, nothing is sent and nothing is heard', async () => {
  const opened = await openExchange();
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
  const { asking, answering } = await openExchange();
  const values = { to: '#77', node: 'hub', reason: 'knows no way' };
  answering.reject({ code: 'E_UNREACHABLE', values, origin: 'hub' });
  const error = await asking.outcome.catch((thrown) => thrown);
  assert.is(error.message, 'there cannot be reached: hub knows no way');
  assert.is(error.origin, 'hub');
});

test.run();
