/** What is sent are differences: an emulated terminal must show what a full drawing would. */
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawLine, type Piece } from '../../src/tui/line.ts';
import { createPainter } from '../../src/tui/painter.ts';
import { paletteFor } from '../../src/tui/palette.ts';

const COLUMNS = 24;
const ROWS = 3;
const options = { width: COLUMNS, palette: paletteFor('dark', 4), ellipsis: '…' };

const aPiece: fc.Arbitrary<Piece> = fc.record({
  text: fc
    .array(fc.constantFrom('a', 'm', ' ', '7', '│', '日', 'é', 'e\u0301', '👍🏽', '▲'), {
      maxLength: 5,
    })
    .map((parts) => parts.join('')),
  style: fc.constantFrom('plain', 'good', 'bad', 'faint', 'selected', 'key', 'alarm'),
});
const aLine = fc.array(aPiece, { maxLength: 6 }).map((pieces) => drawLine(pieces, options));
const aScreen = fc.array(aLine, { minLength: ROWS, maxLength: ROWS });

function openTerminal(): InstanceType<typeof xterm.Terminal> {
  return new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
}

/** Each cell of the screen with what it looks like. */
function cellsOf(terminal: InstanceType<typeof xterm.Terminal>): string[] {
  const { active } = terminal.buffer;
  return Array.from({ length: ROWS * COLUMNS }, (_, index) => {
    const cell = active.getLine(Math.floor(index / COLUMNS))?.getCell(index % COLUMNS);
    if (cell === undefined) return 'none';
    const look = [cell.getFgColor(), cell.getBgColor(), cell.isBold(), cell.isInverse()];
    return `${cell.getWidth()}${cell.getChars()} ${look.join()}`;
  });
}

function write(terminal: InstanceType<typeof xterm.Terminal>, text: string): Promise<void> {
  return new Promise((done) => terminal.write(text, done));
}

test('a screen that was changed in steps looks like one that was drawn at once', async () => {
  const property = fc.asyncProperty(fc.array(aScreen, { maxLength: 5 }), async (screens) => {
    const terminal = openTerminal();
    let sent = '';
    const painter = createPainter((text) => {
      sent += text;
    });
    for (const screen of screens) {
      painter.paint(screen);
      await write(terminal, sent);
      sent = '';
      const fresh = openTerminal();
      await write(fresh, screen.map((line, row) => `\x1b[${row + 1};1H${line}`).join(''));
      assert.equal(cellsOf(terminal), cellsOf(fresh), JSON.stringify(screens));
    }
  });
  await fc.assert(property, { numRuns: 150 });
});

test('the end of a sequence is not taken for a letter that is the same', () => {
  const sent: string[] = [];
  const painter = createPainter((text) => void sent.push(text));
  painter.paint([drawLine([{ text: '    -', style: 'faint' }], options)]);
  painter.paint([drawLine([{ text: '1h02m' }], options)]);
  assert.is(sent[1], '\x1b[1;1H1h02m');
});

test('what is there already is not sent again', () => {
  const sent: string[] = [];
  const painter = createPainter((text) => void sent.push(text));
  const line = (...pieces: Piece[]) => drawLine(pieces, options);
  const before = [line({ text: 'web1  ' }, { text: '● up', style: 'good' }, { text: '  12s' })];
  const after = [line({ text: 'web1  ' }, { text: '○ lost', style: 'bad' }, { text: '13s' })];
  painter.paint(before);
  painter.paint([...before]);
  assert.is(sent.length, 1);
  painter.paint([line({ text: 'web1  ' }, { text: '● up', style: 'good' }, { text: '  13s' })]);
  assert.is(sent[1], '\x1b[1;14H3');
  painter.paint(after);
  assert.ok(sent[2]?.startsWith('\x1b[1;7H\x1b[31m○ lost'), JSON.stringify(sent[2]));
  painter.forget();
  painter.paint(after);
  assert.is(sent[3], `\x1b[1;1H${after[0]}`);
});

test.run();
