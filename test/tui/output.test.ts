import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_CHARS_MAX, TOP_LINES_MAX } from '../../src/protocol/limits.ts';
import {
  createOutput,
  findNext,
  follow,
  type Output,
  openCount,
  scrollOutput,
  takeNews,
  textOfOutput,
  topOf,
} from '../../src/tui/output.ts';

const HEIGHT = 10;

function outputOf(...texts: readonly string[]): Output {
  const output = createOutput(1, { kind: 'exec', nodes: ['a', 'b'], command: 'x' }, 0);
  add(output, ...texts);
  return output;
}

function add(output: Output, ...texts: readonly string[]): void {
  const lines = texts.map((text) => ({ source: 'a', text, style: 'plain' as const }));
  takeNews(output, { lines, droppedCount: 0, verdicts: [], progress: null });
}

function numbered(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `line ${from + index}`);
}

test('of more than TOP_LINES_MAX lines the oldest go, and are counted', () => {
  const output = outputOf(...numbered(0, TOP_LINES_MAX), 'one more');
  assert.is(output.lines.length, TOP_LINES_MAX);
  assert.is(output.first, 1);
  assert.is(output.lines[0]?.text, 'line 1');
  assert.match(textOfOutput(output), /^\[\.\.\. 1 lines are not kept \.\.\.\]\na: line 1\n/);
});

test('of more than TOP_CHARS_MAX characters the oldest lines go', () => {
  const text = 'x'.repeat(TOP_CHARS_MAX / 4);
  const output = outputOf(text, text, text, text, 'y');
  assert.equal([output.lines.length, output.first], [4, 1]);
  assert.is(output.chars, 3 * text.length + 1);
  assert.is(
    output.lines.reduce((sum, line) => sum + line.text.length, 0),
    output.chars,
  );
});

test('what was dropped before it came is counted too, with all before it', () => {
  const output = outputOf('a', 'b');
  const line = { source: '', text: 'c', style: 'plain' } as const;
  takeNews(output, { lines: [line], droppedCount: 5, verdicts: [], progress: null });
  assert.equal([output.first, output.lines.length], [7, 1]);
});

test('the end is followed until somebody scrolls away from it, and again from the end on', () => {
  const output = outputOf(...numbered(0, 30));
  assert.is(topOf(output, HEIGHT), 20);
  scrollOutput(output, -5, HEIGHT);
  add(output, ...numbered(30, 10));
  assert.equal([topOf(output, HEIGHT), output.isFollowing], [15, false]);
  scrollOutput(output, Infinity, HEIGHT);
  add(output, 'more');
  assert.equal([topOf(output, HEIGHT), output.isFollowing], [31, true]);
  scrollOutput(output, -Infinity, HEIGHT);
  assert.is(topOf(output, HEIGHT), 0);
  follow(output, true, HEIGHT);
  assert.is(topOf(output, HEIGHT), 31);
});

test('what is looked at stands still while the oldest lines go', () => {
  const output = outputOf(...numbered(0, TOP_LINES_MAX));
  scrollOutput(output, -100, HEIGHT);
  const top = topOf(output, HEIGHT);
  add(output, ...numbered(0, 50));
  assert.is(topOf(output, HEIGHT), top);
  add(output, ...numbered(0, TOP_LINES_MAX));
  assert.is(topOf(output, HEIGHT), output.first, 'it is gone: what is next to it');
});

test('a search goes from one match to the next, past the end, and back', () => {
  const output = outputOf('b', 'A1', 'b', 'a2', 'b', 'b', 'b');
  output.search = 'a';
  const found = (step: number) => {
    assert.ok(findNext(output, step, 2));
    return output.lines[output.found - output.first]?.text;
  };
  output.lines.forEach((line, index) => {
    output.lines[index] = { ...line, source: '' };
  });
  assert.equal([found(1), found(1), found(1), found(-1)], ['A1', 'a2', 'A1', 'a2']);
  output.search = 'nowhere';
  assert.not(findNext(output, 1, 2));
});

test('verdicts are counted, and who has none yet', () => {
  const output = outputOf();
  assert.is(openCount(output), 2);
  takeNews(output, { lines: [], droppedCount: 0, verdicts: ['ok'], progress: 'half' });
  assert.is(openCount(output), 1);
  assert.equal([...output.verdicts], [['ok', 1]]);
  assert.is(output.progress, 'half');
});

test.run();
