import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError, errorFromData, isErrorCode } from '../../src/protocol/errors.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';

test('a message has the values in it', () => {
  const error = new DagentError('E_CONNECT', { url: 'cd://[::1]:4040', reason: 'refused' });
  assert.is(error.message, 'cannot connect to cd://[::1]:4040: refused');
  assert.is(error.name, 'DagentError');
  assert.ok(error instanceof Error);
});

test('a value that is missing shows its name, not "undefined"', () => {
  assert.is(new DagentError('E_LEAVING').message, '{node} is shutting down');
});

test('a value is not a template: what it contains stays as it is', () => {
  const error = new DagentError('E_CONNECT', { url: '{reason}', reason: '$&{url}' });
  assert.is(error.message, 'cannot connect to {reason}: $&{url}');
});

test('a hint has the values in it, and an empty one is none', () => {
  const running = new DagentError('E_DAEMON_RUNNING', { name: 'web', pid: 7 });
  assert.match(running.hint ?? '', 'dagent daemon stop web');
  assert.is(new DagentError('E_NO_TARGET', { selector: 'x', similar: '' }).hint, undefined);
  assert.is(new DagentError('E_LEAVING', { node: 'x' }).hint, undefined);
});

test('exit status and whether to try again come from the registry', () => {
  assert.is(new DagentError('E_DEADLINE').exit, 124);
  assert.ok(new DagentError('E_DEADLINE').isRetryable);
  assert.not.ok(new DagentError('E_NAME_TAKEN').isRetryable);
});

test('an error crosses a link with its code, values, origin and details', () => {
  const more = { origin: 'web-01', details: { args: [1, 2] } };
  const sent = new DagentError('E_REMOTE', { class: 'Oops', node: 'web-01', text: 'no' }, more);
  const received = errorFromData(unpack(pack(sent.toData())));
  assert.equal(received.toData(), sent.toData());
  assert.is(received.message, sent.message);
});

test('what has no origin and no details does not say so', () => {
  assert.equal(Object.keys(new DagentError('E_LEAVING', { node: 'x' }).toData()), [
    'code',
    'values',
  ]);
});

test('a code from a newer version becomes E_REMOTE, with its text', () => {
  const received = errorFromData({ code: 'E_FUTURE', values: {}, origin: 'web-01' });
  assert.is(received.code, 'E_REMOTE');
  assert.match(received.message, 'E_FUTURE');
  assert.match(received.message, 'web-01');
  assert.is(received.origin, 'web-01');
});

test('a word that every object has is not a code', () => {
  for (const word of ['toString', '__proto__', 'constructor', '']) assert.not.ok(isErrorCode(word));
});

test('values that no error has are left out', () => {
  const received = errorFromData({ code: 'E_LEAVING', values: { node: { toString: 1 }, x: null } });
  assert.is(received.message, '{node} is shutting down');
});

test('nothing that can arrive makes it throw', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true });
  fc.assert(
    fc.property(anything, anything, anything, (whole, part, other) => {
      assert.type(errorFromData(whole).message, 'string');
      assert.type(errorFromData({ code: part, values: other, origin: part }).message, 'string');
      const values = { node: part, reason: other };
      assert.type(errorFromData({ code: 'E_CONNECTION_LOST', values }).message, 'string');
    }),
    { numRuns: 2000 },
  );
});

test.run();
