import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { untilTaken } from '../../src/cli/taken.ts';
import type { Client } from '../../src/client/index.ts';
import { DagentError } from '../../src/protocol/errors.ts';

/** A client whose daemon answers as told. */
function clientOf(taken: Promise<void>): Client {
  return { node: 'web1', taken: () => taken } as unknown as Client;
}

async function failure(promise: Promise<void>): Promise<string> {
  const thrown: unknown = await promise.catch((error: unknown) => error);
  assert.instance(thrown, DagentError);
  return (thrown as DagentError).message;
}

test('it waits for the daemon, and no longer than it may', async () => {
  await untilTaken(clientOf(Promise.resolve()), 60_000);
  const never = clientOf(new Promise(() => undefined));
  assert.is(await failure(untilTaken(never, 1)), 'no reply from web1 within 1 ms');
});

test('when the daemon is gone it says so', async () => {
  const error = new DagentError('E_LEAVING', { node: 'web1' });
  assert.is(await failure(untilTaken(clientOf(Promise.reject(error)), 60_000)), error.message);
});

test.run();
