/** From keys to what is run: prompts, chords, confirmations, and the pane with what comes of it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOP_OUTPUTS_MAX } from '../../../src/protocol/limits.ts';
import type { Effect } from '../../../src/tui/effects.ts';
import type { Model } from '../../../src/tui/model.ts';
import type { OutputLine, OutputNews } from '../../../src/tui/output.ts';
import { update } from '../../../src/tui/update.ts';
import { VIEWS } from '../../../src/tui/views/index.ts';
import { modelOf, NOW_MS, nodeOf, press, screenOf, smallRealm } from '../nodes.ts';

/** Presses keys one after the other; what they want of the world, besides fetching. */
function effectsOf(model: Model, ...keys: readonly string[]): Effect[] {
  return keys
    .flatMap((key) => update(model, { kind: 'key', key }, NOW_MS))
    .filter(({ kind }) => kind !== 'fetch');
}

/** The keys that type `text`. */
function typed(text: string): string[] {
  return Array.from(text);
}

function tell(model: Model, id: number, news: Partial<OutputNews>): void {
  const nothing = { lines: [], droppedCount: 0, verdicts: [], progress: null };
  update(model, { kind: 'news', id, news: { ...nothing, ...news } }, NOW_MS);
}

function lineOf(source: string, text: string): OutputLine {
  return { source, text, style: 'plain' };
}

function footerOf(model: Model): string {
  return screenOf(model).split('\n').at(-1) ?? '';
}

/** The small realm with an output of web1, which still runs. */
function running(more: { columns?: number; rows?: number } = {}): Model {
  const model = modelOf(smallRealm(), more);
  press(model, 'down', 'down', 'x', ...typed('uptime'), 'return');
  return model;
}

test('x asks for a command, and runs it on the node under the cursor', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'down', 'x');
  assert.match(footerOf(model), /^exec on web1: █/);
  const effects = effectsOf(model, ...typed('echo q?'), 'backspace', 'return');
  const spec = { kind: 'exec', nodes: ['web1'], command: 'echo q' };
  assert.equal(effects, [{ kind: 'run', id: 1, spec }]);
  assert.match(screenOf(model), /^exec on web1: echo q +running 0s\nnothing yet$/m);
});

test('in a list of flags it runs on the node of the flag', () => {
  const model = modelOf(smallRealm());
  const flags = VIEWS.find(({ name }) => name === 'flags');
  assert.is(flags?.nodeOf?.('web1 orders/db/down'), 'web1');
  assert.is(model.view.nodeOf?.('web1'), 'web1');
});

test('J asks for the id of a job, and reads what it writes', () => {
  const model = modelOf(smallRealm());
  press(model, 'J');
  assert.match(footerOf(model), /^output of a job on root1, ID: █/);
  const spec = { kind: 'job', node: 'root1', id: '17ab' };
  assert.equal(effectsOf(model, ...typed(' 17ab'), 'return'), [{ kind: 'run', id: 1, spec }]);
  assert.match(screenOf(model), /^output of job 17ab on root1 /m);
  assert.equal(effectsOf(model, 'escape', 'J', ' ', 'return'), []);
});

test('a job is ended from its output only, when that was confirmed', () => {
  const model = modelOf(smallRealm());
  press(model, 'J', ...typed('17ab'), 'return');
  assert.match(footerOf(model), /\^C read no more {2}\^K end the job/);
  press(model, 'ctrl-k');
  assert.match(footerOf(model), /^end job 17ab on root1 {2}1 node: type 1 to do it: █/);
  const spec = { kind: 'end', node: 'root1', id: '17ab' };
  assert.equal(effectsOf(model, 'y', 'return', 'ctrl-k', '1', 'return'), [
    { kind: 'run', id: 2, spec },
  ]);
  const reader = modelOf(smallRealm(), {}, { isReadOnly: true });
  press(reader, 'J', ...typed('17ab'), 'return', 'ctrl-k');
  assert.is(reader.mode, 'output');
});

test('a command that is empty, or left with Escape, is not run', () => {
  const model = modelOf(smallRealm());
  assert.equal(effectsOf(model, 'x', ' ', 'return', 'x', 'l', 's', 'escape'), []);
  assert.equal([model.mode, model.prompt, model.outputs.length], ['rows', null, 0]);
});

test('with marks, x runs nothing, and says which keys run on the marked ones', () => {
  const model = modelOf(smallRealm());
  press(model, ' ', 'x');
  assert.match(footerOf(model), /^1 is marked: \^K x runs on it; Esc clears {2}/);
  press(model, ' ', 'x');
  assert.match(footerOf(model), /^2 are marked: \^K x runs on them; Esc clears {2}/);
  assert.equal([model.mode, model.prompt], ['rows', null]);
  press(model, 'escape', 'x');
  assert.match(footerOf(model), /^exec on web1: /);
});

test('marked ones take two keys, and their number typed', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'down', ' ', ' ', 'ctrl-k');
  assert.match(footerOf(model), /^\^K {2}x exec {2}c copy a file there {2}Esc back /);
  press(model, 'x', ...typed('reboot'), 'return');
  assert.match(footerOf(model), /^exec on 2 nodes: reboot {2}2 nodes: type 2 to do it: █/);
  assert.equal(effectsOf(model, '1', 'return'), []);
  assert.match(footerOf(model), /^not done: the number of nodes was not typed/);
  press(model, 'ctrl-k', 'x', 'up');
  assert.match(footerOf(model), /^exec on 2 nodes: reboot█/, 'the last command is there again');
  const spec = { kind: 'exec', nodes: ['web1', 'web2'], command: 'reboot' };
  assert.equal(effectsOf(model, 'return', '2', 'return'), [{ kind: 'run', id: 1, spec }]);
});

test('no single letter runs anything, and the chord is left with Escape', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
  for (const letter of letters) {
    for (const keys of [[letter], ['ctrl-k', letter]]) {
      const model = modelOf(smallRealm());
      const kinds = effectsOf(model, ...keys).flatMap((effect) =>
        effect.kind === 'run' ? [effect.spec.kind] : [],
      );
      const isLook = kinds.every((kind) => kind === 'info' || kind === 'trace');
      assert.ok(isLook, `${keys.join(' ')}: ${kinds.join()}`);
    }
  }
  const model = modelOf(smallRealm());
  press(model, 'ctrl-k', 'escape');
  assert.is(model.mode, 'rows');
});

test('a file is copied to nodes when file, path and number were typed', () => {
  const model = modelOf(smallRealm());
  press(model, 'ctrl-k', 'c', ...typed('a.txt'), 'return');
  assert.match(footerOf(model), /^copy a\.txt to root1, to PATH: █/);
  press(model, ...typed('/tmp/'), 'return');
  assert.match(footerOf(model), /copy a\.txt to root1:\/tmp\/ {2}1 node: type 1 to do it: █/);
  const spec = { kind: 'copy', nodes: ['root1'], file: 'a.txt', path: '/tmp/' };
  assert.equal(effectsOf(model, '1', 'return'), [{ kind: 'run', id: 1, spec }]);
});

test('where nothing may be changed, x and the chord are refused, and looking is not', () => {
  const model = modelOf(smallRealm(), {}, { isReadOnly: true });
  for (const key of ['x', 'ctrl-k']) {
    assert.equal(effectsOf(model, key), []);
    assert.is(model.mode, 'rows');
    assert.match(footerOf(model), /^read-only: nothing is run or changed from here/);
  }
  press(model, '?');
  assert.not.match(screenOf(model), /exec|\^K/);
  press(model, '?');
  const kinds = effectsOf(model, 'i', 'escape', 'T', 'escape', 's', ...typed('cmd=A'), 'return');
  assert.equal(
    kinds.map((effect) => effect.kind === 'run' && effect.spec),
    [
      { kind: 'info', node: 'root1' },
      { kind: 'trace', node: 'root1' },
      { kind: 'sniff', node: 'root1', expression: 'cmd=A' },
    ],
  );
});

test('lines have the names of their nodes, the title the verdicts', () => {
  const model = modelOf([nodeOf('a'), nodeOf('beta')]);
  press(model, ' ', ' ', 'ctrl-k', 'x', 'w', 'return', '2', 'return');
  tell(model, 1, { lines: [lineOf('a', 'one'), lineOf('beta', 'two')], verdicts: ['ok'] });
  assert.match(screenOf(model), /1 ok {2}1 open {2}running 0s$/m);
  assert.match(screenOf(model), /^a {5}one\nbeta {2}two$/m);
  tell(model, 1, { verdicts: ['failed'] });
  update(model, { kind: 'ended', id: 1 }, NOW_MS + 2_000);
  assert.match(screenOf(model, NOW_MS + 9_000), /1 ok {2}1 failed {2}ended after 2s$/m);
});

test('Escape leaves it running, o shows it again, and Ctrl-C ends it, then quits', () => {
  const model = running();
  assert.equal(effectsOf(model, 'escape'), []);
  assert.match(footerOf(model), /^it goes on: o shows it again/);
  assert.equal(effectsOf(model, 'o', 'ctrl-c'), [{ kind: 'cancel', id: 1 }]);
  assert.match(screenOf(model), /ending 0s$/m);
  update(model, { kind: 'ended', id: 1 }, NOW_MS);
  assert.equal(effectsOf(model, 'ctrl-c'), [{ kind: 'quit' }]);
});

test('an output is scrolled, followed, searched and moved to the side', () => {
  const model = running({ rows: 12 });
  const lines = Array.from({ length: 40 }, (_, index) => lineOf('web1', `${index} abcdefghij`));
  tell(model, 1, { lines: [...lines, lineOf('web1', `${'x'.repeat(90)}END`)] });
  assert.match(screenOf(model), 'xxx…');
  press(model, 'right', 'h', 'l', 'right', 'left', 'right');
  assert.match(screenOf(model), /^x+END$/m);
  press(model, 'g');
  assert.match(screenOf(model), 'not following');
  press(model, 'left', 'left');
  assert.match(screenOf(model), /^0 abcdefghij$/m);
  press(model, '/', ...typed('3'), 'return');
  assert.match(screenOf(model), /^3 abc.*\n4 abc/m);
  press(model, 'n');
  assert.match(screenOf(model).split('\n')[3] ?? '', /^13 /);
  press(model, 'N', 'N');
  assert.match(screenOf(model), /^39 /m);
  press(model, '/', ...typed('zz'), 'return');
  assert.match(footerOf(model), /^nothing has zz in it/);
  press(model, 'f');
  assert.match(screenOf(model), 'xxx…');
});

test('the help of an output lists the keys of an output', () => {
  const model = running();
  press(model, '?');
  const screen = screenOf(model);
  assert.match(screen, /\^C {7}end what runs/);
  assert.not.match(screen, 'exec on the node');
  press(model, '?', 'escape', '?');
  assert.not.match(screenOf(model), 'end what runs');
  assert.match(screenOf(model), 'exec on the node');
});

test('an output is saved as it is kept', () => {
  const model = running();
  tell(model, 1, { lines: [lineOf('', 'a'), lineOf('web1', 'b')] });
  const effects = effectsOf(model, 'w', ...typed('out.txt'), 'return');
  assert.equal(effects, [{ kind: 'save', path: 'out.txt', text: 'a\nweb1: b\n' }]);
  update(model, { kind: 'said', text: 'saved as /x/out.txt\x1b' }, NOW_MS);
  assert.match(footerOf(model), /^saved as \/x\/out\.txt\\x1b/);
});

test('of TOP_OUTPUTS_MAX outputs the oldest that has ended goes for a new one', () => {
  const model = modelOf(smallRealm());
  for (let count = 0; count < TOP_OUTPUTS_MAX; count++) press(model, 'T', 'escape');
  assert.equal(effectsOf(model, 'T'), []);
  assert.match(footerOf(model), new RegExp(`^${TOP_OUTPUTS_MAX} others still run`));
  update(model, { kind: 'ended', id: 3 }, NOW_MS);
  assert.is(effectsOf(model, 'T').length, 1);
  assert.is(model.outputs.length, TOP_OUTPUTS_MAX);
  assert.not(model.outputs.some(({ id }) => id === 3));
  tell(model, 3, { lines: [lineOf('', 'late')] });
  assert.match(screenOf(model), /^8\/8 trace root1/m);
  press(model, '[');
  assert.match(screenOf(model), /^7\/8 trace root1/m);
});

test('on a wide screen an output stands beside the rows, and Tab goes between them', () => {
  const model = running({ columns: 160 });
  assert.match(screenOf(model), /^NAME .* │ exec on web1: uptime/m);
  press(model, 'tab', 'down');
  assert.is(model.state.selected, 'web2');
  assert.match(screenOf(model), '│ exec on web1: uptime');
  press(model, 'return');
  assert.match(screenOf(model), '│ web2');
  press(model, 'o');
  assert.is(model.mode, 'output');
});

test('however long a command is, what to type to confirm it is seen', () => {
  const model = modelOf(smallRealm(), { columns: 60 });
  press(model, ' ', 'ctrl-k', 'x', ...typed('x'.repeat(200)), 'return');
  assert.match(footerOf(model), /^exec on root1: x+… {2}1 node: type 1 to do it: █/);
});

test('a text longer than the screen shows its end', () => {
  const model = modelOf(smallRealm());
  press(model, 'x', ...typed(`${'x'.repeat(200)}END`));
  assert.match(footerOf(model), /^exec on root1: …x+END█/);
});

test.run();
