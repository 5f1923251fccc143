import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { applySettings, settingsOf } from '../../src/tui/settings.ts';
import { modelOf, press, smallRealm } from './nodes.ts';

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

test.run();
