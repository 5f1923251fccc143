import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { FLAGS_PER_NODE_MAX } from '../../src/protocol/limits.ts';
import {
  type FlagInput,
  type FlagOutcome,
  type FlagSet,
  NO_FLAGS,
  step,
} from '../../src/services/flag-state.ts';
import { lowerOf, raiseOf } from './flag-bench.ts';

function feed(set: FlagSet, input: FlagInput, nowMs: number): FlagOutcome {
  const outcome = step(set, input, nowMs);
  assert.not.instance(outcome, DagentError);
  return outcome as FlagOutcome;
}

/** The state after some inputs, a second apart from 1000 on. */
function run(...inputs: readonly FlagInput[]): { set: FlagSet; changes: string[] } {
  let set = NO_FLAGS;
  const changes: string[] = [];
  for (const [at, input] of inputs.entries()) {
    const outcome = feed(set, input, (at + 1) * 1_000);
    changes.push(outcome.change);
    ({ set } = outcome);
  }
  return { set, changes };
}

function only(set: FlagSet) {
  assert.is(set.flags.size, 1);
  const [flag] = set.flags.values();
  return flag!;
}

test('a flag that is raised again is the same one: it counts, and its time is renewed', () => {
  const { set, changes } = run(raiseOf('a'), raiseOf('a'), raiseOf('a'));
  assert.equal(changes, ['raised', 'renewed', 'renewed']);
  const { count, firstAtMs, lastAtMs, priority } = only(set);
  assert.equal(
    { count, firstAtMs, lastAtMs, priority },
    {
      ...{ count: 3, firstAtMs: 1_000, lastAtMs: 3_000 },
      priority: 'warning',
    },
  );
});

test('what is not said again stays as it was', () => {
  const wish = { priority: 'error', message: 'refused', tags: ['db'] } as const;
  const kept = only(run(raiseOf('a', wish), raiseOf('a')).set);
  assert.equal([kept.priority, kept.message, kept.tags], ['error', 'refused', ['db']]);
  const { set, changes } = run(raiseOf('a', wish), raiseOf('a', { message: '', tags: [] }));
  assert.equal([only(set).message, only(set).tags], ['', []]);
  assert.equal(changes, ['raised', 'renewed']);
});

test('another priority is a change that is told', () => {
  const { set, changes } = run(raiseOf('a'), raiseOf('a', { priority: 'critical' }));
  assert.equal(changes, ['raised', 'changed']);
  assert.is(only(set).priority, 'critical');
});

test('a flag that is lowered is gone, and begins anew when it is raised', () => {
  const { set, changes } = run(raiseOf('a'), raiseOf('a'), lowerOf('a'), raiseOf('a'));
  assert.equal(changes, ['raised', 'renewed', 'lowered', 'raised']);
  assert.is(only(set).count, 1);
  assert.is(only(set).firstAtMs, 4_000);
});

test('to lower what is not up changes nothing', () => {
  const { set, changes } = run(lowerOf('a'));
  assert.equal(changes, ['none']);
  assert.is(set, NO_FLAGS);
});

test('one that a person must lower is cleared by a program, and lowered by hand', () => {
  const manual = raiseOf('a', { isManual: true });
  const cleared = run(manual, lowerOf('a'), lowerOf('a'));
  assert.equal(cleared.changes, ['raised', 'cleared', 'cleared']);
  assert.is(only(cleared.set).state, 'cleared');
  assert.equal(run(manual, lowerOf('a'), lowerOf('a', true)).set.flags.size, 0);
  assert.equal(run(manual, lowerOf('a', true)).changes, ['raised', 'lowered']);
});

test('a cleared flag that is raised again is up as before, and still waits for a person', () => {
  const manual = raiseOf('a', { isManual: true });
  const { set, changes } = run(manual, lowerOf('a'), raiseOf('a'), lowerOf('a'));
  assert.equal(changes, ['raised', 'cleared', 'raised', 'cleared']);
  assert.equal([only(set).count, only(set).firstAtMs], [2, 1_000]);
});

test('a node has FLAGS_PER_NODE_MAX flags: another one is refused, those that are up go on', () => {
  const inputs = Array.from({ length: FLAGS_PER_NODE_MAX }, (_, at) => raiseOf(`f${at}`));
  const { set } = run(...inputs);
  const refused = step(set, raiseOf('more'), 1);
  assert.instance(refused, DagentError);
  assert.is((refused as DagentError).code, 'E_TOO_MANY_FLAGS');
  const own = { service: 'dagent', section: 'disk', flag: 'nearly-full' };
  assert.is(feed(set, { ...raiseOf('a'), key: own } as FlagInput, 1).change, 'raised');
  assert.is(feed(set, raiseOf('f0'), 1).change, 'renewed');
  assert.is(feed(feed(set, lowerOf('f0'), 1).set, raiseOf('more'), 2).change, 'raised');
});

test('a revision grows with each change, also when the clock goes back', () => {
  const first = feed(NO_FLAGS, raiseOf('a'), 5_000).set;
  assert.is(first.revision, 5_000);
  const second = feed(first, raiseOf('a'), 4_000).set;
  assert.is(second.revision, 5_001);
  assert.is(feed(second, lowerOf('nothing'), 9_000).set.revision, 5_001);
});

test('a step changes the set that it gets in nothing', () => {
  const { set } = run(raiseOf('a'));
  const before = JSON.stringify([...set.flags]);
  feed(set, raiseOf('a'), 9_000);
  feed(set, lowerOf('a'), 9_000);
  assert.is(JSON.stringify([...set.flags]), before);
});

test.run();
