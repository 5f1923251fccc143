import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Callback, offerCallbacks } from '../../src/endpoint/callbacks.ts';
import { type CallContext, decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { Place } from '../../src/protocol/call.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { CALLBACK_BYTES_MAX, CALLBACKS_PENDING_MAX } from '../../src/protocol/limits.ts';
import { encodePiece } from '../../src/protocol/pieces.ts';
import { answering, createPair, quiet } from './pair.ts';

type Run = (args: readonly unknown[], context: CallContext) => unknown;

/** Calls a method with functions at some places of its arguments. */
function open(run: Run, functions: Readonly<Record<string, Callback>>) {
  const pair = createPair();
  pair.there.handle('dagent', answering({ 'use.them': { doc: 'Uses them.', isRaw: true, run } }));
  const kws = Object.fromEntries(Object.keys(functions).map((name) => [name, null]));
  const wish = { kws, callbacks: Object.keys(functions) };
  const asking = openCall(pair.here, 'there:', 'use.them', wish);
  const places = new Map<Place, Callback>(Object.entries(functions));
  offerCallbacks(asking, places, { node: 'here', address: 'here:asker' });
  return { ...pair, asking };
}

async function call(run: Run, functions: Readonly<Record<string, Callback>>): Promise<unknown> {
  return decodeValue((await open(run, functions).asking.outcome).data);
}

function failure(run: Run, functions: Readonly<Record<string, Callback>>): Promise<DagentError> {
  return call(run, functions).then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error) => error as DagentError,
  );
}

test('a method calls what its caller has passed, and has what that returns', async () => {
  const heard: unknown[] = [];
  const value = await call(
    async (_, { kwargs }) => {
      const ask = kwargs.ask as Callback;
      const sum = (await ask(1, 2)) as number;
      return [sum, await ask(sum, 10)];
    },
    {
      ask: async (a, b) => {
        heard.push([a, b]);
        return Number(a) + Number(b);
      },
    },
  );
  assert.equal(value, [3, 13]);
  assert.equal(heard, [
    [1, 2],
    [3, 10],
  ]);
});

test('many at once come in their order, and each has its own answer', async () => {
  const heard: number[] = [];
  const run: Run = (_, { kwargs }) => {
    const ask = kwargs.ask as Callback;
    return Promise.all(Array.from({ length: CALLBACKS_PENDING_MAX }, (_each, n) => ask(n)));
  };
  const ask: Callback = (n) => {
    heard.push(n as number);
    return Number(n) * 2;
  };
  const values = (await call(run, { ask })) as number[];
  assert.equal(
    heard,
    Array.from({ length: CALLBACKS_PENDING_MAX }, (_, n) => n),
  );
  assert.equal(
    values,
    heard.map((n) => n * 2),
  );
});

test('too many without an answer are refused in the method', async () => {
  const run: Run = (_, { kwargs }) => {
    const ask = kwargs.ask as Callback;
    return Promise.all(Array.from({ length: CALLBACKS_PENDING_MAX + 1 }, () => ask()));
  };
  assert.is((await failure(run, { ask: () => 1 })).code, 'E_TOO_MANY_CALLS');
});

test('what a callback throws is thrown in the method, with its class', async () => {
  const run: Run = (_, { kwargs }) => (kwargs.ask as Callback)();
  const error = await failure(run, {
    ask: () => {
      throw new RangeError('not here');
    },
  });
  assert.is(error.message, 'RangeError at here:asker: not here');
  assert.is(error.origin, 'here');
});

test('what is too large or cannot travel is refused on the side that says it', async () => {
  const large = Buffer.alloc(CALLBACK_BYTES_MAX);
  const pass =
    (value: unknown): Run =>
    (_, { kwargs }) =>
      (kwargs.ask as Callback)(value);
  assert.is((await failure(pass(large), { ask: () => 1 })).code, 'E_TOO_LARGE');
  assert.is((await failure(pass(new Map()), { ask: () => 1 })).code, 'E_VALUE_INVALID');
  assert.is((await failure(pass(1), { ask: () => large })).code, 'E_TOO_LARGE');
  assert.is((await failure(pass(1), { ask: () => new Set() })).code, 'E_VALUE_INVALID');
  const fits = CALLBACK_BYTES_MAX - 100;
  const length = await call(pass(Buffer.alloc(fits)), { ask: (it) => (it as Buffer).length });
  assert.is(length, fits);
});

test('a call that is over, or cancelled, has no callbacks any more', async () => {
  let kept: Callback = () => undefined;
  const opened = open(
    async (_, { kwargs, signal }) => {
      kept = kwargs.ask as Callback;
      const asked = Promise.resolve(kept()).catch((error: DagentError) => error.code);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return asked;
    },
    { ask: () => new Promise(() => undefined) },
  );
  await quiet();
  opened.asking.cancel();
  assert.is(decodeValue((await opened.asking.outcome).data), 'E_CANCELLED');
  const late = (await Promise.resolve(kept()).catch((error) => error)) as DagentError;
  assert.is(late.code, 'E_CANCELLED');
});

test('a method that uses no place, or says what is no record, does no harm', async () => {
  const heard: unknown[] = [];
  const opened = open(
    async (_, { exchange }) => {
      exchange.write(255, encodePiece(Buffer.from('no record')));
      exchange.write(255, Buffer.from([0, 0, 0, 5, 0x93, 1, 0xa1, 0x78, 0x90]));
      await quiet();
      return 'fine';
    },
    { ask: (...args) => heard.push(args) },
  );
  assert.is(decodeValue((await opened.asking.outcome).data), 'fine');
  assert.equal(heard, []);
});

test('a record without an end cancels the call', async () => {
  const run: Run = (_, { exchange, signal }) => {
    exchange.write(255, Buffer.from([0xff, 0xff, 0xff, 0xff]));
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve('gave up')));
  };
  assert.is(await call(run, { ask: () => 1 }), 'gave up');
});

test.run();
