import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeTransfer, parseTransfer } from '../../src/mailbox/handover.ts';
import { createMessage } from '../fakes/mailbox-host.ts';

const ORIGIN = '00000000000000bb';
const messages = [1, 2].map((sequence) => ({
  position: sequence + 3,
  message: createMessage('00000000000000aa', sequence),
}));
const transfer = { box: 'web1:orders', origin: ORIGIN, after: 3, messages };

test('a piece comes out as it went in', () => {
  assert.equal(parseTransfer(encodeTransfer(transfer)), transfer);
});

test('what is no piece is none', () => {
  const [box, origin, after, bytes] = encodeTransfer(transfer);
  for (const args of [
    [],
    [7, origin, after, bytes],
    [box, 'a/b', after, bytes],
    [box, origin, -1, bytes],
    // What it is said to come after is in it.
    [box, origin, 4, bytes],
    [box, origin, after, Buffer.from('x')],
    [box, origin, after, null],
  ]) {
    assert.is(parseTransfer(args), undefined);
  }
});

test.run();
