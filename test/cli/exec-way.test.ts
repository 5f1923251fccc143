import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findWays, type Parents, pathBetween } from '../../src/cli/exec-way.ts';
import type { Targets } from '../../src/client/targets.ts';

const PARENTS: Parents = new Map([
  ['hq', null],
  ['east', 'hq'],
  ['west', 'hq'],
  ['web1', 'east'],
  ['web2', 'east'],
  ['db1', 'west'],
]);

test('a way leads up to the first node above both, and down from there', () => {
  const ways = [
    ['hq', 'web1', 'hq east web1'],
    ['web1', 'db1', 'web1 east hq west db1'],
    ['web1', 'web2', 'web1 east web2'],
    ['web1', 'hq', 'web1 east hq'],
    ['east', 'east', 'east'],
    ['hq', 'stranger', 'hq stranger'],
  ] as const;
  for (const [from, to, path] of ways) assert.is(pathBetween(from, to, PARENTS).join(' '), path);
});

test('parents in a circle, as they may be told while a tree changes, end a way', () => {
  const circle: Parents = new Map([
    ['a', 'b'],
    ['b', 'a'],
  ]);
  assert.equal(pathBetween('c', 'a', circle), ['c', 'a']);
});

test('targets with one way are told together, and none of those that are not up', () => {
  const states = { hq: 'up', web1: 'up', web2: 'up', db1: 'lost' };
  const nodes = new Map(Object.entries(states).map(([name, state]) => [name, { name, state }]));
  const targets = { names: [...nodes.keys(), 'nobody'], nodes, unmatched: [] };
  assert.equal(findWays('hq', targets as unknown as Targets, PARENTS), [
    { path: [], names: 'hq' },
    { path: ['hq', 'east'], names: 'web[1-2]' },
  ]);
});

test.run();
