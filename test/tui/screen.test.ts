import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawScreen } from '../../src/tui/screen.ts';
import { update } from '../../src/tui/update.ts';
import { cellWidth } from '../../src/tui/width.ts';
import { modelOf, NOW_MS, nodeOf, press, screenOf, smallRealm } from './nodes.ts';

/** The numbers of every SGR sequence on the screen. */
function codesOf(lines: readonly string[]): Set<string> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  const sequences = lines.flatMap((line) => [...line.matchAll(/\x1b\[([\d;]*)m/g)]);
  return new Set(sequences.flatMap((match) => (match[1] ?? '').split(';')));
}

test('a screen has as many lines as the terminal, each as wide, at every size', () => {
  for (let columns = 1; columns <= 300; columns += 23) {
    for (let rows = 1; rows <= 60; rows += 6) {
      for (const keys of [[], ['?'], ['/', 'w'], ['p']]) {
        const model = modelOf(smallRealm(), { columns, rows });
        press(model, ...keys);
        if (columns % 2 === 0) update(model, { kind: 'lost', reason: 'x', retryAtMs: 0 }, NOW_MS);
        const lines = drawScreen(model, NOW_MS).map(stripVTControlCharacters);
        assert.is(lines.length, rows, `${columns}x${rows} ${keys}`);
        for (const line of lines) assert.is(cellWidth(line), columns, `${columns}x${rows} ${line}`);
      }
    }
  }
});

test('colours follow the state and the load', () => {
  const lines = drawScreen(modelOf(smallRealm(), {}, { hasColour: true }), NOW_MS);
  const lineOf = (name: string) =>
    lines.find((line) => stripVTControlCharacters(line).includes(`${name} `)) ?? '';
  assert.match(lineOf('web2'), '\x1b[32m● up');
  assert.match(lineOf('web10'), '\x1b[31m○ lost');
  assert.match(lineOf('web10'), '\x1b[90m0.42ms');
  assert.match(lineOf('web1'), '\x1b[31m 7.42');
  assert.match(lineOf('web1'), '\x1b[31m████  98%');
});

test('without colour there is bold, faint, underlined and reverse, and the symbols', () => {
  const model = modelOf(smallRealm());
  update(model, { kind: 'lost', reason: 'x', retryAtMs: NOW_MS }, NOW_MS);
  const codes = codesOf(drawScreen(model, NOW_MS));
  const allowed = new Set(['1', '2', '4', '7', '22', '24', '27']);
  assert.equal(
    [...codes].filter((code) => !allowed.has(code)),
    [],
  );
});

test('figures that are old are faint, and the rest of the row is not', () => {
  const model = modelOf([nodeOf('a'), nodeOf('b')], {}, { hasColour: true });
  const isFaint = (nowMs: number) =>
    drawScreen(model, nowMs)[4]?.includes('\x1b[90m 0.42') ?? false;
  assert.not(isFaint(NOW_MS + 15_000));
  assert.ok(isFaint(NOW_MS + 15_001));
  assert.match(drawScreen(model, NOW_MS + 15_001)[4] ?? '', '\x1b[32m● up');
});

test('while the link is lost, no state is bright but that of the link', () => {
  const model = modelOf(smallRealm(), {}, { hasColour: true });
  const draw = () => drawScreen(model, NOW_MS).map((line) => line.replaceAll('\x1b[', '^'));
  assert.match(draw()[1] ?? '', '^32m●');
  update(model, { kind: 'lost', reason: 'x', retryAtMs: 0 }, NOW_MS);
  const [title, counts, banner, titles, selected, ...rows] = draw();
  assert.match(title ?? '', '^31m○ link lost');
  assert.match(counts ?? '', /^(\^90m[^^]*\^39m)+ *$/);
  assert.match(banner ?? '', 'LINK LOST');
  assert.match(titles ?? '', 'NAME');
  assert.match(selected ?? '', /^\^90;7m[^^]+\^39;27m$/);
  for (const row of rows.slice(0, smallRealm().length - 1)) assert.not.match(row, /\^3[0-8]m/);
});

test('a part of the tree is said to be one, until the whole is there', () => {
  const model = modelOf([]);
  const nodes = smallRealm();
  const tell = (isCutOff?: true) =>
    update(
      model,
      {
        kind: 'record',
        record: { type: 'snapshot', realm: 'x', nodes, ...(isCutOff && { isCutOff }) },
      },
      NOW_MS,
    );
  tell(true);
  update(model, { kind: 'opened', top: 'east\x1b' }, NOW_MS);
  const [, , banner = '', titles = '', ...rest] = screenOf(model).split('\n');
  assert.match(banner, 'A PART OF THE TREE: east\\x1b and below; its parent is away');
  assert.match(titles, 'NAME');
  assert.is(rest.length, model.size.rows - 4);
  tell();
  update(model, { kind: 'opened', top: 'root1' }, NOW_MS);
  assert.not.match(screenOf(model), 'A PART OF');
  assert.match(screenOf(model).split('\n')[2] ?? '', 'NAME');
});

test('an uptime stands still while the link is lost', () => {
  const model = modelOf(smallRealm());
  update(model, { kind: 'lost', reason: 'x', retryAtMs: 0 }, NOW_MS);
  assert.match(screenOf(model, NOW_MS + 7_200_000), '1h02m');
  assert.not.match(screenOf(model, NOW_MS + 7_200_000), '3h02m');
});

test('nothing that a node says acts on the terminal', () => {
  const evil = '\x1b]0;pwned\x07\x1b[2J\r\n\u202e';
  const node = nodeOf(`a${evil}`, { services: [evil] });
  const model = modelOf([node], { columns: 200 }, { realm: evil });
  update(
    model,
    { kind: 'record', record: { type: 'snapshot', realm: evil, nodes: [node] } },
    NOW_MS,
  );
  update(model, { kind: 'lost', reason: evil, retryAtMs: 0 }, NOW_MS);
  press(model, '/', 'p', 'w');
  for (const line of drawScreen(model, NOW_MS)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
    const text = line.replace(/\x1b\[[\d;]*m/g, '');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
    assert.not.match(text, /[\x00-\x1f\x7f-\x9f\u202e]/);
    assert.is(cellWidth(text), 200);
  }
});

test('the head sums up what the nodes that are up do together', () => {
  const figures = { deliveredPerSecond: 700, jobsRunning: 2, droppedPerSecond: 0.5 };
  const sample = { ...nodeOf('a').sample!, ...figures };
  const nodes = [
    nodeOf('a', { sample }),
    nodeOf('b', { sample }),
    nodeOf('c', { sample, state: 'lost' }),
    nodeOf('d', { sample: null }),
  ];
  const [, counts = ''] = screenOf(modelOf(nodes, { columns: 120 })).split('\n');
  assert.match(counts, /leaves 3\/4 {3}msgs 1\.4k\/s {3}jobs 4 {3}drops 1\.0\/s$/);
  assert.not.match(screenOf(modelOf(smallRealm(), { columns: 120 })), 'msgs');
});

test('a read-only screen says so', () => {
  assert.match(screenOf(modelOf([], {}, { isReadOnly: true })), 'read-only');
});

test.run();
