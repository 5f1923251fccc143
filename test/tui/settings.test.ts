import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applySettings, findOdd, settingsOf } from '../../src/tui/settings.ts';
import { sortables } from '../../src/tui/sort-menu.ts';
import { createTopModel, type TopOptions } from '../../src/tui/top-options.ts';
import { modelOf, NOW_MS, press, screenOf, smallRealm } from './nodes.ts';

const OPTIONS = { hasMouse: true, hasColour: true, colourBits: 8 };

test('how it looks and what was looked at is there again the next time', () => {
  const model = modelOf(smallRealm(), { columns: 120 }, OPTIONS);
  press(model, '>', 'R', '2', '<', ':', ...'skin light', 'return', '-', 'm');
  const kept: unknown = JSON.parse(JSON.stringify(settingsOf(model)));
  const next = modelOf(smallRealm(), { columns: 120 }, OPTIONS);
  applySettings(next, kept);
  assert.equal(settingsOf(next), settingsOf(model));
  assert.is(next.view.name, 'flat');
  assert.equal(next.state.sort, model.state.sort);
  assert.equal(next.palette, model.palette);
  assert.is(next.rateMs, 250);
  assert.not(next.hasMouse);
});

test('a filter is kept only when that is asked for', () => {
  const model = modelOf(smallRealm());
  press(model, '/', ...'web', 'return');
  assert.equal(settingsOf(model).filters, {});
  press(model, ':', ...'sticky', 'return');
  const next = modelOf(smallRealm());
  applySettings(next, JSON.parse(JSON.stringify(settingsOf(model))));
  assert.is(next.state.filter, 'web');
});

test('what makes no sense in what was kept changes nothing', () => {
  const model = modelOf(smallRealm(), {}, { hasMouse: false });
  const before = settingsOf(model);
  const nonsense = [
    undefined,
    null,
    7,
    'text',
    [],
    { view: 'attic', skin: 'toString', rateMs: 0, hasMouse: true, isSticky: 'no' },
    { sorts: { tree: { title: 'COLOUR', isReversed: 3 } }, filters: { tree: 'web' } },
    { sorts: 3, filters: null, rateMs: '1s' },
  ];
  for (const kept of nonsense) {
    applySettings(model, kept);
    assert.equal(settingsOf(model), before, JSON.stringify(kept));
  }
});

test('what makes no sense is found, and nothing else', () => {
  const model = modelOf(smallRealm());
  const oddSort = { title: 'COLOUR', isReversed: false };
  const odd = { skin: 'neon', rateMs: -5, sorts: { tree: oddSort }, filters: { flat: 7 } };
  const sound = { view: 'flat', hasMouse: true, isSticky: false };
  const sorts = { ...odd.sorts, flat: null, links: null, 'of another version': 3 };
  assert.equal(findOdd(model, { ...odd, ...sound, sorts, more: 'of another version' }), odd);
  assert.equal(findOdd(model, { view: 'attic', hasMouse: 'no', isSticky: 1, sorts: 3 }), {
    ...{ view: 'attic', hasMouse: 'no', isSticky: 1, sorts: 3 },
  });
  assert.equal(findOdd(model, { filters: null }), { filters: null });
  for (const kept of [undefined, {}, settingsOf(model)]) assert.equal(findOdd(model, kept), {});
  const { title } = sortables(model)[0]!;
  assert.equal(findOdd(model, { sorts: { tree: { title, isReversed: 3 } } }), {
    sorts: { tree: { title, isReversed: 3 } },
  });
});

test('it is said by name, once, when top begins', () => {
  const kept = { skin: 'neon\x1b[2J', sorts: { tree: 3, flat: null }, rateMs: 250 };
  const options = { stdout: { columns: 120, rows: 24 }, colour: false, ascii: false };
  const model = createTopModel({ ...options, settings: kept, nowMs: () => NOW_MS } as TopOptions);
  assert.match(screenOf(model), 'no sense in the settings, and left out: skin, sorts.tree');
  assert.not.match(screenOf(model, NOW_MS + 60_000), 'no sense');
  assert.is(model.rateMs, 250);
  const sound = { ...options, settings: { rateMs: 250 }, nowMs: () => NOW_MS } as TopOptions;
  assert.is(createTopModel(sound).notice, null);
});

test.run();
