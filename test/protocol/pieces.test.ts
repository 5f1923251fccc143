import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPieceSplitter, encodePiece } from '../../src/protocol/pieces.ts';

test('records come out whole, however the stream is cut', () => {
  const bodies = ['', 'a', 'longer'].map((text) => Buffer.from(text));
  const stream = Buffer.concat(bodies.map(encodePiece));
  for (let size = 1; size <= stream.length; size++) {
    const heard: string[] = [];
    const take = createPieceSplitter((body) => heard.push(body.toString()), 6);
    for (let at = 0; at < stream.length; at += size) {
      assert.ok(take(Buffer.from(stream.subarray(at, at + size))));
    }
    assert.equal(heard, ['', 'a', 'longer']);
  }
});

test('a record that is too long ends it, as soon as its length is known', () => {
  const heard: string[] = [];
  const take = createPieceSplitter((body) => heard.push(body.toString()), 3);
  assert.ok(take(encodePiece(Buffer.from('abc'))));
  assert.not(take(Buffer.from([0, 0, 0, 4])));
  assert.not(take(encodePiece(Buffer.from('abc'))));
  assert.equal(heard, ['abc']);
});

test.run();
