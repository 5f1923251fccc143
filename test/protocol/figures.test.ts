import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderFigures, replaceTable } from '../../scripts/checks/registries.ts';
import { FIGURES } from '../../src/protocol/figures.ts';

test('docs/STATISTICS.md has the table of the figures', () => {
  const document = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/STATISTICS.md'));
  const isFresh = replaceTable(`${document}`, renderFigures(FIGURES)) === `${document}`;
  assert.ok(isFresh, 'docs/STATISTICS.md is stale: run `npm run docs`');
});

test('no two figures have one name, and each says what it is', () => {
  assert.is(new Set(FIGURES.map(({ id }) => id)).size, FIGURES.length);
  for (const { id, doc } of FIGURES) assert.match(doc, /^[A-Z].+\.$/, id);
});

test.run();
