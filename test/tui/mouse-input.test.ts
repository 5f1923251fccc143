import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createMouseSplitter, type MouseEvent } from '../../src/tui/mouse-input.ts';

/** What is left of pieces of input, and what the mouse did in them. */
function split(...pieces: readonly string[]): { rest: string; events: MouseEvent[] } {
  const events: MouseEvent[] = [];
  const take = createMouseSplitter((event) => void events.push(event));
  return { rest: pieces.map(take).join(''), events };
}

test('a report says what was pressed and where, counted from nought', () => {
  assert.equal(split('\x1b[<0;10;5M'), {
    rest: '',
    events: [{ kind: 'click', column: 9, row: 4 }],
  });
  assert.equal(split('\x1b[<64;1;1M\x1b[<65;200;60M').events, [
    { kind: 'wheel', isDown: false, column: 0, row: 0 },
    { kind: 'wheel', isDown: true, column: 199, row: 59 },
  ]);
});

test('what is let go, moved or of another button does nothing, and is nothing typed', () => {
  for (const report of ['\x1b[<0;10;5m', '\x1b[<2;1;1M', '\x1b[<35;1;1M']) {
    assert.equal(split(report), { rest: '', events: [] });
  }
});

test('keys between reports are left as they are, and so are their sequences', () => {
  const { rest, events } = split('j\x1b[<0;3;3Mk\x1b[A\x1b', '\x1b[<0;4;4Mq');
  assert.is(rest, 'jk\x1b[A\x1bq');
  assert.is(events.length, 2);
});

test('a report in pieces is one, and what only begins as one is not held back', () => {
  assert.equal(split('\x1b[<0;1', '0;5', 'M').events, [{ kind: 'click', column: 9, row: 4 }]);
  assert.is(split(`\x1b[<${'1;'.repeat(40)}`, 'x').rest, `\x1b[<${'1;'.repeat(40)}x`);
});

test.run();
