import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packSample } from '../../src/protocol/figure-row.ts';
import { NODES_MAX } from '../../src/protocol/limits.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';
import {
  parseHeardLine,
  parseWatchLine,
  statusOf,
  WATCH_VERSION,
} from '../../src/protocol/watch.ts';
import { sampleOf } from '../services/view.ts';

const NODE: NodeStatus = {
  name: 'web1',
  id: '0123456789abcdef',
  role: 'leaf',
  parent: 'east',
  state: 'up',
  services: ['printer'],
  labels: { site: 'oslo' },
  version: '1.0.0',
  startedAtMs: 77,
  rttMs: 1.5,
  sample: null,
};
const FIGURES = packSample(sampleOf(0.5));

/** Nothing that a parser of ours may take for what it is not. */
const NONSENSE = ['', '{', 'null', '7', '"text"', '[]', '{}', '{"type":"node"}', '[null]'];

test('the lines of a watch come through', () => {
  for (const line of [
    { type: 'snapshot', version: WATCH_VERSION, realm: 'test', count: NODES_MAX },
    { type: 'snapshot', version: WATCH_VERSION, realm: 'test', count: 1, isCutOff: true },
    { type: 'node', node: NODE, figures: FIGURES },
    { type: 'node', node: NODE, figures: null },
    { type: 'figures', name: 'web1', set: [1, 2] },
    { type: 'figures', name: 'web1', rttMs: null, set: [] },
    { type: 'figures', name: 'web1', rttMs: 2.5, set: [1, null] },
    { type: 'gone', name: 'web1' },
  ]) {
    assert.equal(parseWatchLine(JSON.stringify(line)), line);
  }
});

test('a status has the sample of its line', () => {
  assert.equal(statusOf({ type: 'node', node: NODE, figures: FIGURES }).sample, sampleOf(0.5));
  assert.is(statusOf({ type: 'node', node: NODE, figures: null }).sample, null);
});

test('a watch of another version, or of none, says so', () => {
  const foreign = { type: 'foreign', version: 0 };
  for (const parse of [parseWatchLine, parseHeardLine]) {
    assert.equal(parse('{"type":"snapshot","realm":"test","count":1}'), foreign);
    assert.equal(parse('{"type":"snapshot","version":"x"}'), foreign);
    assert.equal(parse('{"type":"snapshot","version":99}'), { ...foreign, version: 99 });
  }
});

test('what is no line of a watch is none', () => {
  const snapshot = { type: 'snapshot', version: WATCH_VERSION, realm: 'test', count: 1 };
  for (const odd of [{ count: -1 }, { count: NODES_MAX + 1 }, { count: 1.5 }, { realm: 7 }]) {
    assert.is(parseWatchLine(JSON.stringify({ ...snapshot, ...odd })), undefined);
  }
  for (const line of [
    ...NONSENSE,
    '{"type":"gone"}',
    '{"type":"more","name":"web1"}',
    '{"type":"figures","name":"web1"}',
    '{"type":"figures","set":[]}',
    '{"type":"figures","name":"web1","set":[1]}',
  ]) {
    assert.is(parseWatchLine(line), undefined, line);
  }
});

test('of what a child says only its name and its figures are taken', () => {
  const line = { type: 'node', node: NODE, figures: FIGURES };
  const heard = { type: 'node', name: 'web1', rttMs: 1.5, figures: FIGURES };
  assert.equal(parseHeardLine(JSON.stringify(line)), heard);
  const none = { type: 'node', name: 'web2', rttMs: null, figures: null };
  assert.equal(parseHeardLine('{"type":"node","node":{"name":"web2","rttMs":-1}}'), none);
  const change = { type: 'figures', name: 'web1', set: [1, 2] };
  assert.equal(parseHeardLine(JSON.stringify(change)), change);
  for (const line of NONSENSE) assert.is(parseHeardLine(line), undefined, line);
});

test('whatever comes, parsing ends well', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      parseWatchLine(JSON.stringify(value));
      parseHeardLine(JSON.stringify(value));
    }),
  );
});

test.run();
