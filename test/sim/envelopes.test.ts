import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { At, encodeFrame, Kind } from '../../src/protocol/frame.ts';
import { Envelopes, encodeSerial } from './envelopes.ts';

const MAIL = new Set([serviceKeyOf('mail')]);
const NODE = nodeKeyOf('c');

/** An envelope to `c:mail` that was sent; and a copy of it with so many hops left. */
function prepare() {
  const envelopes = new Envelopes({ hasLoops: false, hasPeers: false, isJumbled: false });
  const fields = { kind: Kind.MESSAGE, toNode: NODE, toService: serviceKeyOf('mail') };
  const frame = encodeFrame(fields, undefined, encodeSerial(envelopes.nextSerial()));
  envelopes.sent(frame);
  const after = (hops: number) => {
    const copy = Buffer.from(frame);
    copy[At.HOPS] = (copy[At.HOPS] ?? 0) - hops;
    return copy;
  };
  return { envelopes, after };
}

test('an envelope goes up, down, and is delivered', () => {
  const { envelopes, after } = prepare();
  envelopes.written('a', true, after(0));
  envelopes.written('b', false, after(1));
  envelopes.written('c', false, after(2));
  envelopes.delivered(NODE, MAIL, after(2));
  assert.is(envelopes.deliveredCount, 1);
});

test('a circle is seen, and an envelope that goes up after it came down', () => {
  for (const [isUpward, node] of [
    [false, 'b'],
    [true, 'a'],
    [true, 'x'],
  ] as const) {
    const { envelopes, after } = prepare();
    envelopes.written('a', true, after(0));
    envelopes.written('b', false, after(1));
    assert.throws(() => envelopes.written(node, isUpward, after(2)), /circles|goes up again/);
  }
});

test('a node that moved meanwhile may see an envelope once more, on its way down', () => {
  const { envelopes, after } = prepare();
  envelopes.written('a', true, after(0));
  envelopes.written('b', false, after(1));
  envelopes.written('a', false, after(2));
  assert.throws(() => envelopes.written('a', false, after(3)), /circles/);
});

test('a hop that is not counted is seen, and a byte that was changed', () => {
  const { envelopes, after } = prepare();
  envelopes.written('a', true, after(0));
  assert.throws(() => envelopes.written('b', false, after(0)), /has 64/);
  const changed = after(1);
  changed[At.TIMEOUT] = 1;
  assert.throws(() => envelopes.written('b', false, changed), /was changed/);
});

test('a second delivery is seen, and one to the wrong place', () => {
  const { envelopes, after } = prepare();
  assert.throws(() => envelopes.delivered(nodeKeyOf('d'), MAIL, after(1)), /another node/);
  assert.throws(() => envelopes.delivered(NODE, new Set(), after(1)), /a stranger/);
  envelopes.delivered(NODE, MAIL, after(1));
  assert.throws(() => envelopes.delivered(NODE, MAIL, after(1)), /twice/);
});

test.run();
