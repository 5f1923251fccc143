import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../../src/protocol/errors.ts';
import { TOP_LINE_CHARS_MAX, TOP_LINES_MAX } from '../../../src/protocol/limits.ts';
import type { OutputNews } from '../../../src/tui/output.ts';
import { GATHER_MS, News } from '../../../src/tui/runs/news.ts';
import { createFakeClock } from '../fakes.ts';

function createNews() {
  const told: OutputNews[] = [];
  const clock = createFakeClock();
  const news = new News({ tell: (each) => told.push(each), schedule: clock.schedule });
  const lines = () => told.flatMap((each) => each.lines.map(({ text }) => text));
  return { news, told, clock, lines };
}

test('what comes within a moment is told at once, and nothing is told without news', () => {
  const { news, told, clock, lines } = createNews();
  news.line('a', 'one');
  news.line('b', 'two', 'bad');
  news.verdict('ok');
  news.progress('1 of 2');
  news.progress('2 of 2');
  assert.equal(told, []);
  clock.pass(GATHER_MS);
  assert.is(told.length, 1);
  assert.equal(told[0]?.lines, [
    { source: 'a', text: 'one', style: 'plain' },
    { source: 'b', text: 'two', style: 'bad' },
  ]);
  assert.equal([told[0]?.verdicts, told[0]?.progress], [['ok'], '2 of 2']);
  clock.pass(GATHER_MS * 10);
  news.flush();
  assert.is(told.length, 1);
  assert.is(clock.waiting(), 0);
  assert.equal(lines(), ['one', 'two']);
});

test('a node may send more when what it sent has been told', () => {
  const { news, clock, lines } = createNews();
  let doneCount = 0;
  const sink = news.sink('a');
  for (const text of ['be', 'gun\nand ', 'ended']) {
    sink.onOutput('stdout', Buffer.from(text), () => doneCount++);
  }
  assert.is(doneCount, 0);
  clock.pass(GATHER_MS);
  assert.is(doneCount, 3);
  sink.end();
  news.flush();
  assert.equal(lines(), ['begun', 'and ended']);
});

test('no line acts on a terminal', () => {
  const { news, lines } = createNews();
  const sink = news.sink('a');
  sink.onOutput('stdout', Buffer.from('\x1b[2Ja\tb\r\n\x07\rc\n'), () => {});
  news.line('', 'x\ny');
  news.flush();
  assert.equal(lines(), ['\\x1b[2Ja        b', '\\x07\\x0dc', 'x\\ny']);
});

test('a line longer than TOP_LINE_CHARS_MAX goes on in the next one', () => {
  const { news, lines } = createNews();
  news.line('', 'x'.repeat(TOP_LINE_CHARS_MAX + 1));
  const sink = news.sink('a');
  sink.onOutput('stdout', Buffer.alloc(3 * TOP_LINE_CHARS_MAX, 'y'), () => {});
  sink.end();
  news.line('', '');
  news.flush();
  assert.ok(lines().every((line) => line.length <= TOP_LINE_CHARS_MAX));
  assert.is(lines().join('').length, 4 * TOP_LINE_CHARS_MAX + 1);
  assert.is(lines().at(-1), '');
});

test('more lines than anybody keeps are dropped before they are told, and counted', () => {
  const { news, told } = createNews();
  for (let count = 0; count < 5 * TOP_LINES_MAX; count++) news.line('', String(count));
  news.flush();
  const [only] = told;
  assert.ok((only?.lines.length ?? 0) < 2 * TOP_LINES_MAX);
  assert.is((only?.lines.length ?? 0) + (only?.droppedCount ?? 0), 5 * TOP_LINES_MAX);
  assert.is(only?.lines.at(-1)?.text, String(5 * TOP_LINES_MAX - 1));
});

test('what is left out is said where it is missing', () => {
  const { news, lines } = createNews();
  const sink = news.sink('a');
  sink.onOutput('stderr', Buffer.from('head'), () => {});
  sink.onOmitted?.('stderr', 12);
  sink.onOutput('stderr', Buffer.from('tail\n'), () => {});
  news.flush();
  assert.equal(lines(), ['head', '[... 12 bytes are not shown ...]', 'tail']);
});

test('an error is told with its code, and what to do about it', () => {
  const { news, lines } = createNews();
  news.error('', new DagentError('E_JOB_UNKNOWN', { id: '17', node: 'web1' }));
  news.error('', new Error('odd'));
  news.flush();
  assert.equal(lines(), [
    'there is no job 17 on web1 (E_JOB_UNKNOWN)',
    '  see which there are: dagent job ls --all',
    'odd',
  ]);
});

test.run();
