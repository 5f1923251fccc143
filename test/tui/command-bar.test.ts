import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Model } from '../../src/tui/model.ts';
import { update } from '../../src/tui/update.ts';
import { modelOf, NOW_MS, namesOf, press, screenOf, smallRealm } from './nodes.ts';

/** Writes a command, key by key. */
function write(model: Model, text: string): void {
  press(model, ':', ...text);
}

function footerOf(model: Model, nowMs = NOW_MS): string {
  return screenOf(model, nowMs).split('\n').at(-1) ?? '';
}

test('a command is done by its name, or by as much of it as says which', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  write(model, 'flat');
  press(model, 'return');
  assert.is(model.view.name, 'flat');
  write(model, 'sort load');
  press(model, 'return');
  assert.equal(model.state.sort, { title: 'LOAD', isReversed: false });
  write(model, 'rev');
  press(model, 'return');
  assert.ok(model.state.sort?.isReversed);
  write(model, 'go db1');
  press(model, 'return');
  assert.is(model.state.selected, 'db1');
  write(model, 'filter role=leaf');
  press(model, 'return');
  assert.is(namesOf(model).length, 6);
  write(model, 'mark');
  press(model, 'return');
  assert.is(model.state.marked.size, 6);
  write(model, 'unmark');
  press(model, 'return');
  assert.is(model.state.marked.size, 0);
  write(model, 'rate 2s');
  press(model, 'return');
  assert.is(model.rateMs, 2_000);
});

test('Tab goes on as far as there is one way, and what is possible is shown', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  write(model, 'f');
  assert.match(footerOf(model), /^:f█ {2}flat flags filter follow {2}/);
  press(model, 'tab');
  assert.is(model.command, 'f');
  press(model, 'i', 'tab');
  assert.is(model.command, 'filter');
  press(model, 'ctrl-u', ...'so', 'tab', 'l', 'tab');
  assert.is(model.command, 'sort load');
  press(model, 'ctrl-u', ...'go web', 'tab');
  assert.is(model.command, 'go web');
  assert.match(footerOf(model), 'web1 web2 web10');
  press(model, 'backspace', 'backspace', 'backspace', 'd', 'tab', '1', 'return');
  assert.is(model.state.selected, 'db1');
});

test('what is wrong is said for a moment', () => {
  const model = modelOf(smallRealm(), { columns: 120 });
  const wrongs = [
    ['dance', 'there is no command dance: Tab shows them'],
    ['f', 'there is no command f: Tab shows them'],
    ['sort colour', 'there is no column colour'],
    ['go nowhere', 'there is no row nowhere'],
    ['rate soon', 'a rate is from 100ms to 60s'],
    ['rate 1ms', 'a rate is from 100ms to 60s'],
  ] as const;
  for (const [text, reason] of wrongs) {
    write(model, text);
    press(model, 'return');
    assert.match(footerOf(model), reason);
    assert.not.match(footerOf(model, NOW_MS + 3_000), reason);
  }
  write(model, 'go nowhere');
  press(model, 'return');
  write(model, 'sort ');
  press(model, 'return');
  assert.not.match(footerOf(model), 'there is no row');
  write(model, '');
  press(model, 'return');
  assert.is(model.mode, 'rows');
});

test('a command is left with Escape, quits as any, and is no longer than a line', () => {
  const model = modelOf(smallRealm());
  write(model, 'qu');
  press(model, 'escape');
  assert.is(model.mode, 'rows');
  write(model, 'x'.repeat(1_000));
  assert.is(model.command.length, 200);
  press(model, 'ctrl-u', ...'quit');
  const [effect] = update(model, { kind: 'key', key: 'return' }, NOW_MS);
  assert.is(effect?.kind, 'quit');
});

test.run();
