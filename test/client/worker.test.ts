import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { workOn } from '../../src/client/worker.ts';

test('a message is extended for as long as it is worked on, and no longer', async () => {
  let count = 0;
  let onEnough = (): void => undefined;
  const enough = new Promise<void>((resolve) => {
    onEnough = resolve;
  });
  const extend = async (): Promise<void> => {
    if (++count === 3) onEnough();
    // That it was not heard is no reason to stop.
    throw new Error('the connection is lost');
  };
  await workOn({ extend }, () => enough, 1);
  assert.is(count, 3);
  await new Promise((resolve) => setImmediate(resolve));
  assert.is(count, 3);
});

test('what the work throws is thrown, and ends that too', async () => {
  const fail = (): never => {
    throw new Error('no paper');
  };
  const worked = workOn({ extend: async () => undefined }, fail, 1);
  assert.is(await worked.catch((error: Error) => error.message), 'no paper');
});

test.run();
