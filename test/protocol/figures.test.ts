import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderFigures, replaceTable } from '../../scripts/checks/registries.ts';
import { FIGURES, type HostSample, parseSample } from '../../src/protocol/figures.ts';

const BASIC: HostSample = {
  atMs: 5,
  load1: 0.5,
  cpus: 2,
  memoryUsedBytes: 1,
  memoryTotalBytes: 2,
  daemonBytes: 3,
};

test('docs/STATISTICS.md has the table of the figures', () => {
  const document = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/STATISTICS.md'));
  const isFresh = replaceTable(`${document}`, renderFigures(FIGURES)) === `${document}`;
  assert.ok(isFresh, 'docs/STATISTICS.md is stale: run `npm run docs`');
});

test('no two figures have one name, and each says what it is', () => {
  assert.is(new Set(FIGURES.map(({ id }) => id)).size, FIGURES.length);
  for (const { id, doc } of FIGURES) assert.match(doc, /^[A-Z].+\.$/, id);
});

test('a sample comes through with all figures that make sense', () => {
  const whole = { ...BASIC, cpuPercent: 12.5, durableDead: 0, diskMount: '/var' };
  assert.equal(parseSample(whole), whole);
  const odd = { cpuPercent: -1, durableDead: '7', diskMount: 7, more: 1, processes: Number.NaN };
  assert.equal(parseSample({ ...BASIC, ...odd }), BASIC);
  assert.equal(parseSample({ ...BASIC, diskMount: '/'.repeat(256) }), BASIC);
});

test('without a basic figure there is no sample', () => {
  for (const part of [{ load1: -1 }, { cpus: 'two' }, { atMs: undefined }, { daemonBytes: null }]) {
    assert.is(parseSample({ ...BASIC, ...part }), null);
  }
  for (const none of [null, undefined, 7, 'text', []]) assert.is(parseSample(none), null);
});

test('whatever comes, parsing a sample ends well', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void parseSample(value)));
});

test.run();
