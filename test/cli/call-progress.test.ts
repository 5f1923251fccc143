import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createCallProgress } from '../../src/cli/call-progress.ts';

function terminal(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const write = (text: string): number => written.push(text);
  return { isTTY, written, write, ...(columns === undefined ? {} : { columns }) };
}

const REPORT = { total: 10, completed: 2, details: 'sniffs' };

test('on a terminal a report takes the place of the one before', () => {
  const stderr = terminal(true, 20);
  const progress = createCallProgress(stderr, false);
  progress.clear();
  progress.show('web1', REPORT);
  progress.show('web1', { ...REPORT, completed: 10 });
  progress.clear();
  progress.clear();
  assert.equal(stderr.written, [
    '\r\x1b[Kweb1  2/10  20%  sn',
    '\r\x1b[Kweb1  10/10  100%  ',
    '\r\x1b[K',
  ]);
});

test('elsewhere there is a line for each, if they are wanted', () => {
  const silent = terminal(false);
  createCallProgress(silent, false).show('web1', REPORT);
  assert.equal(silent.written, []);
  const stderr = terminal(false);
  const progress = createCallProgress(stderr, true);
  progress.show('web1', { total: null, completed: 3, details: null });
  progress.show('web1', { total: null, completed: null, details: { step: '\x1b[2J' } });
  progress.show('web1', { total: 0, completed: 0, details: null });
  assert.equal(stderr.written, ['web1  3\n', 'web1  {"step":"\\u001b[2J"}\n', 'web1  0/0\n']);
});

test('details that are long are cut, and those that are hostile are shown as they are', () => {
  const stderr = terminal(false);
  createCallProgress(stderr, true).show('a', { ...REPORT, details: `\x1b${'x'.repeat(999)}` });
  const [line = ''] = stderr.written;
  assert.match(line, '\\x1bxxx');
  assert.ok(line.length < 300);
});

test.run();
