import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ScreenModes } from '../../src/cli/screen-modes.ts';

function undoingOf(...written: readonly string[]): string {
  const modes = new ScreenModes();
  for (const text of written) modes.push(Buffer.from(text));
  return modes.undoing;
}

/** What `vim` and `top` write at their beginning, and at their end. */
const VIM = {
  begin: '\x1b[?1000h\x1b[?1049h\x1b[>4;2m\x1b[?1h\x1b=\x1b[?2004h\x1b[1;24r\x1b[?25l',
  end: '\x1b[?25h\x1b[?1000l\x1b[?2004l\x1b[>4;m\x1b[24;1H\x1b[?1l\x1b>\x1b[r\x1b[?1049l',
};
const TOP = {
  begin: '\x1b[?1h\x1b=\x1b[?25l\x1b[H\x1b[2J',
  end: '\x1b[?12l\x1b[?25h\x1b[?1l\x1b>',
};

test('who has undone all needs nothing, and neither has who did nothing', () => {
  assert.is(undoingOf('plain text\n', '\x1b[1mbold\x1b[0m \x1b]0;title\x07'), '');
  for (const { begin, end } of [VIM, TOP]) assert.is(undoingOf(begin, end), '');
});

test('of who is left all is undone, the other screen behind what belongs to it', () => {
  const undone = '\x1b[>4;0m\x1b[?1l\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1049l';
  assert.is(undoingOf(VIM.begin), `${undone}\x1b7\x1b[r\x1b8\x1b>`);
});

test('a picture that is on this screen stays, and what follows stands below it', () => {
  assert.is(undoingOf(TOP.begin), '\x1b[?1l\x1b[?25h\x1b>\x1b[999H\r\n');
});

test('looks, charsets, cursors and keyboards are undone as often as they were set', () => {
  assert.is(undoingOf('\x1b[38;5;0mred'), '\x1b[0m');
  assert.is(undoingOf('\x1b(0lqk'), '\x1b(B');
  assert.is(undoingOf('\x1b[4 q'), '\x1b[0 q');
  assert.is(undoingOf('\x1b[>1u\x1b[>5u'), '\x1b[<2u');
  assert.is(undoingOf('\x1b[>1u\x1b[<u\x1b[<u\x1b[>1u'), '\x1b[<1u');
});

test('several modes in one sequence, and only those that are known', () => {
  assert.is(undoingOf('\x1b[?1002;1006;12;7777h\x1b[?7l'), '\x1b[?7h\x1b[?1002l\x1b[?1006l');
  assert.is(undoingOf('\x1b[1002h'), '');
});

test('a terminal that was reset has nothing to undo', () => {
  assert.is(undoingOf(VIM.begin, '\x1bc'), '');
});

test('a sequence counts wherever it is cut', () => {
  for (let at = 0; at <= VIM.begin.length; at++) {
    const parts = [VIM.begin.slice(0, at), VIM.begin.slice(at)];
    assert.is(undoingOf(...parts), undoingOf(VIM.begin), `cut at ${at}`);
  }
  assert.is(undoingOf('\x1b[?', '9'.repeat(10_000), '\x1b[?25l'), '\x1b[?25h');
});

test.run();
