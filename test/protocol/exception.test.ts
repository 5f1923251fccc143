import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError, errorFromData, RemoteError } from '../../src/protocol/errors.ts';
import { exceptionOf, parseException } from '../../src/protocol/exception.ts';
import { EXCEPTION_BYTES_MAX } from '../../src/protocol/limits.ts';

class OutOfPaper extends Error {
  override name = 'OutOfPaper';
  readonly module = 'printing';
  readonly args = ['lp0', 2];
  readonly tray = { number: 2 };
  readonly refill = (): void => undefined;
}

test('an exception has a class, a message, arguments and what it carries', () => {
  assert.equal(exceptionOf(new OutOfPaper('no paper')), {
    module: 'printing',
    class: 'OutOfPaper',
    message: 'no paper',
    args: ['lp0', 2],
    state: { tray: { number: 2 } },
  });
});

test('its message is its argument when it has no other, and anything can be thrown', () => {
  assert.equal(exceptionOf(new RangeError('far')).args, ['far']);
  const { class: name, message, args, state } = exceptionOf('only text');
  assert.equal(
    { name, message, args, state },
    { name: 'Error', message: 'only text', args: ['only text'], state: {} },
  );
  assert.is(exceptionOf(Object.create(null)).message, '');
});

test('what is too large or cannot travel is left out, so that the error arrives', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const big = 'x'.repeat(EXCEPTION_BYTES_MAX);
  const error = Object.assign(new Error(big), { circle, big, code: 'EIO', args: [big] });
  const { state, args, message } = exceptionOf(error);
  assert.equal(state, { code: 'EIO' });
  assert.ok(message.length < big.length);
  assert.equal(args, [message]);
  const half = 'y'.repeat(EXCEPTION_BYTES_MAX / 2);
  assert.equal(exceptionOf(Object.assign(new Error(), { a: half, b: half })).state, {});
});

test('what comes from elsewhere is read, whatever it is', () => {
  const said = { class: 'Boom', message: 'bang' };
  for (const details of [undefined, null, 'text', { args: 'no list', state: [] }]) {
    const { module, args, state } = parseException(details, said);
    assert.equal({ module, args, state }, { module: '', args: ['bang'], state: {} });
  }
});

test('an error of the other side is an Error with its exception and where it is from', () => {
  const values = { class: 'OutOfPaper', text: 'no paper', node: 'web1:printer' };
  const details = { module: 'printing', args: ['lp0', 2], state: { tray: 2 } };
  const error = errorFromData({ code: 'E_REMOTE', values, origin: 'web1', details });
  assert.instance(error, RemoteError);
  assert.instance(error, Error);
  assert.is(error.message, 'OutOfPaper at web1:printer: no paper');
  const { exception, service, origin } = error as RemoteError;
  assert.equal(exception, { class: 'OutOfPaper', message: 'no paper', ...details });
  assert.equal([service, origin], ['web1:printer', 'web1']);
});

test('an error whose code is not known here is one of the other side', () => {
  const error = errorFromData({ code: 'E_FROM_LATER', origin: 'web1' });
  assert.instance(error, RemoteError);
  assert.is((error as RemoteError).exception.class, 'E_FROM_LATER');
  assert.is(errorFromData({ code: 'E_REMOTE' }).message, 'Error at a node: ');
  assert.not.instance(errorFromData({ code: 'E_NO_METHOD' }), RemoteError);
  assert.instance(errorFromData({ code: 'E_NO_METHOD' }), DagentError);
});

test.run();
