import { setImmediate } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { perform, type World } from '../../src/tui/perform.ts';

/** A world that writes down what is done to it. */
function createWorld(fetch: World['fetch']): { world: World; done: unknown[] } {
  const done: unknown[] = [];
  const world: World = {
    quit: () => done.push('quit'),
    suspend: () => done.push('suspend'),
    redraw: () => done.push('redraw'),
    write: (text) => done.push(text),
    follow: (isWanted) => done.push(['follow', isWanted]),
    fetch,
    run: (...args) => done.push(['run', ...args]),
    cancel: (id) => done.push(['cancel', id]),
    save: async (path) => {
      if (path === 'full') throw new Error('the disk is full');
      return `/here/${path}`;
    },
    dispatch: (event) => done.push(event),
  };
  return { world, done };
}

test('each effect is done to the world', () => {
  const { world, done } = createWorld(async () => 1);
  for (const kind of ['quit', 'suspend', 'redraw'] as const) perform(world, { kind });
  perform(world, { kind: 'copy', text: 'web1' });
  assert.equal(done, ['quit', 'suspend', 'redraw', '\x1b]52;c;d2ViMQ==\x07']);
});

test('runs begin and are cancelled, and what is saved is said, or why it is not', async () => {
  const { world, done } = createWorld(async () => 1);
  const spec = { kind: 'trace', node: 'a' } as const;
  perform(world, { kind: 'run', id: 7, spec });
  perform(world, { kind: 'cancel', id: 7 });
  assert.equal(done.splice(0), [
    ['run', 7, spec],
    ['cancel', 7],
  ]);
  for (const path of ['x', 'full']) perform(world, { kind: 'save', path, text: '' });
  await setImmediate();
  assert.equal(done, [
    { kind: 'said', text: 'saved as /here/x' },
    { kind: 'said', text: 'the disk is full' },
  ]);
});

test('what is fetched comes back as an event, and so does why it cannot be had', async () => {
  const fetch = { source: 'facts', node: 'a' } as const;
  const well = createWorld(async () => ({ os: 'x' }));
  const badly = createWorld(async () => {
    throw new Error('a does not answer');
  });
  for (const { world } of [well, badly]) perform(world, { kind: 'fetch', fetch });
  await setImmediate();
  assert.equal(well.done, [{ kind: 'fetched', fetch, answer: { value: { os: 'x' } } }]);
  const answer = { reason: 'a does not answer' };
  assert.equal(badly.done, [{ kind: 'fetched', fetch, answer }]);
});

test.run();
