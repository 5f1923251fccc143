import xterm from '@xterm/headless';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isSkinName, paint, paletteFor, SKIN_NAMES, type Style } from '../../src/tui/palette.ts';

const STYLES = Object.keys(paletteFor('mono', 1)) as Style[];

test('each style ends all that it begins, in every skin and depth', async () => {
  const terminal = new xterm.Terminal({ cols: 4, rows: 1, allowProposedApi: true });
  for (const skin of SKIN_NAMES) {
    for (const bits of [1, 4, 8, 24]) {
      const palette = paletteFor(skin, bits);
      for (const style of STYLES) {
        const text = `\x1b[0m\x1b[H${paint(palette, style, 'a')}b`;
        await new Promise<void>((done) => terminal.write(text, done));
        const cell = terminal.buffer.active.getLine(0)?.getCell(1);
        assert.ok(cell?.isAttributeDefault(), `${skin} ${bits} ${style}`);
      }
    }
  }
});

test('a terminal is sent no colours that it does not have', () => {
  const codesOf = (bits: number) =>
    JSON.stringify(SKIN_NAMES.map((each) => paletteFor(each, bits)));
  assert.not.match(codesOf(1), /3\d|9\d/);
  assert.not.match(codesOf(4), '8;');
  assert.match(codesOf(8), '38;5;');
  assert.not.match(codesOf(8), '38;2;');
  assert.match(codesOf(24), '38;2;');
});

test('the skin without colours is what a terminal without colours gets', () => {
  assert.equal(paletteFor('mono', 24), paletteFor('dark', 1));
  assert.equal(paletteFor('mono', 24).bad, ['1', '22']);
});

test('a name of a skin is one of those that are built in', () => {
  assert.ok(SKIN_NAMES.every(isSkinName));
  for (const name of ['toString', '', 7, null]) assert.not(isSkinName(name));
});

test.run();
