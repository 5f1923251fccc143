import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAll } from '../../src/cli/reader.ts';
import { DagentError } from '../../src/protocol/errors.ts';

function failure(promise: Promise<unknown>): Promise<DagentError> {
  return promise.then(
    () => assert.unreachable('it was read'),
    (error) => error,
  );
}

test('all of a stream is read, as far as is allowed', async () => {
  const parts = ['one ', 'two ', 'three'].map((part) => Buffer.from(part));
  assert.is((await readAll(Readable.from(parts), 'the data', 13)).toString(), 'one two three');
  assert.is((await readAll(Readable.from([]), 'the data', 13)).length, 0);
});

test('what is too large is refused as soon as that is known', async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(10);
  }
  const error = await failure(readAll(endless(), 'the data', 25));
  assert.instance(error, DagentError);
  assert.is(error.code, 'E_TOO_LARGE');
  assert.is(error.message, 'the data has 30 bytes; at most 25 are allowed');
});

test('what cannot be read says so', async () => {
  for (const path of ['/no/such/file', '/']) {
    const error = await failure(readAll(createReadStream(path), 'the data', 25));
    assert.is(error.code, 'E_USAGE');
    assert.match(error.message, /^cannot read the data: /);
  }
});

test.run();
