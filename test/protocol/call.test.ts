import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeCall, encodeCall, parseProgress } from '../../src/protocol/call.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { CALLBACKS_MAX, VALUE_DEPTH_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';

function failure(use: () => unknown): DagentError {
  try {
    use();
  } catch (error) {
    return error as DagentError;
  }
  throw new Error('nothing was thrown');
}

test('all that a call asks for comes out as it went in', () => {
  const call = {
    args: [1, null],
    kws: { loud: true, onStep: null },
    cntr: { args: ['Rex'], kws: { age: 5 } },
    version: '2.1',
    data: { group: 2 },
    tellsStatus: true,
    isDetached: true,
    timeoutMs: 500,
    callbacks: [1, 'onStep'],
  };
  assert.equal(decodeCall(encodeCall(call)), call);
});

test('a call with nothing but arguments is nothing else on the wire', () => {
  assert.equal(encodeCall({ args: [1] }), pack({ args: [1] }));
  const { args, kws, cntr, version, callbacks } = decodeCall(encodeCall({ args: [1] }));
  assert.equal([args, kws, version, callbacks], [[1], {}, undefined, []]);
  assert.equal(cntr, { args: [], kws: {} });
  assert.equal(decodeCall(Buffer.alloc(0)).args, []);
});

test('what is no call is refused with the reason', () => {
  const wrong: [unknown, string][] = [
    ['text', 'no map'],
    [{ args: {} }, 'no list'],
    [{ args: [], kwargs: [] }, 'no map'],
    [{ args: [], cntr: 'Rex' }, 'constructor'],
    [{ args: [], cntr: [1] }, 'no list'],
    [{ args: [], version: 2 }, 'version'],
    [{ args: [1], callbacks: [1] }, 'callbacks'],
    [{ args: [1], callbacks: ['toString'] }, 'callbacks'],
    [{ args: [1], callbacks: [0.5] }, 'callbacks'],
    [{ args: [JSON.parse('{"constructor": 1}')] }, 'the key constructor'],
  ];
  for (const [body, reason] of wrong) {
    const error = failure(() => decodeCall(pack(body)));
    assert.is(error.code, 'E_VALUE_INVALID');
    assert.match(error.message, reason);
  }
  assert.is(failure(() => decodeCall(Buffer.from([0xc1]))).code, 'E_VALUE_INVALID');
});

test('callbacks have a bound', () => {
  const places = Array.from({ length: CALLBACKS_MAX + 1 }, (_, at) => at);
  const body = { args: places, callbacks: places };
  assert.match(failure(() => decodeCall(pack(body))).message, `more than ${CALLBACKS_MAX}`);
  const fewer = { args: places, callbacks: places.slice(1) };
  assert.is(decodeCall(pack(fewer)).callbacks.length, CALLBACKS_MAX);
});

test('an argument that cannot travel is refused before anything is sent', () => {
  let deep: unknown = 0;
  for (let level = 0; level < VALUE_DEPTH_MAX; level++) deep = [deep];
  for (const argument of [() => 1, new Map(), deep]) {
    assert.is(failure(() => encodeCall({ args: [argument] })).code, 'E_VALUE_INVALID');
  }
});

test('a progress is read, whatever came', () => {
  const report = { total: 10, completed: 2, details: { step: 'b' } };
  assert.equal(parseProgress(report), report);
  const nothing = { total: null, completed: null, details: null };
  const odd = { total: -1, completed: '2', details: new Set() };
  for (const each of [undefined, 'x', [], {}, odd]) assert.equal(parseProgress(each), nothing);
});

test.run();
