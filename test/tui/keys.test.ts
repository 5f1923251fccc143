import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showView } from '../../src/tui/cursor.ts';
import { bindingOf, bindingsOf, isHere } from '../../src/tui/keys.ts';
import type { Mode } from '../../src/tui/model.ts';
import { VIEWS } from '../../src/tui/views/index.ts';
import { modelOf, press, smallRealm } from './nodes.ts';

test('no key does two things at once, in any view', () => {
  for (const view of VIEWS) {
    for (const filter of ['', 'web']) {
      for (const mode of [
        'rows',
        'filter',
        'sort',
        'details',
        'command',
        'help',
        'output',
        'prompt',
        'chord',
      ] satisfies Mode[]) {
        const model = modelOf(smallRealm(), { columns: 60, rows: 8 });
        showView(model, view);
        model.mode = mode;
        model.state.filter = filter;
        const keys = bindingsOf(model)
          .filter((binding) => isHere(model, binding))
          .flatMap((binding) => binding.keys);
        assert.equal(keys.length, new Set(keys).size, `${view.name} ${mode} ${keys}`);
      }
    }
  }
});

test('q and ^C leave from everywhere, but q is a letter of a filter', () => {
  const model = modelOf(smallRealm());
  const effectOf = (key: string) => bindingOf(model, key)?.run(model, 0)?.kind;
  for (const keys of [[], ['?'], ['?', 'S'], ['escape', 'return']]) {
    press(model, ...keys);
    assert.is(effectOf('q'), 'quit');
    assert.is(effectOf('ctrl-c'), 'quit');
  }
  press(model, 'escape', '/');
  assert.is(bindingOf(model, 'q'), undefined);
  assert.is(effectOf('ctrl-c'), 'quit');
});

test.run();
