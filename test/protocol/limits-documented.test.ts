/** The limits, docs/LIMITS.md and the code say the same, both ways. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  LIMIT_TABLES,
  readLimits,
  renderLimits,
  replaceTable,
} from '../../scripts/checks/registries.ts';
import { codeOf } from '../../scripts/checks/source.ts';
import { isErrorCode } from '../../src/protocol/errors.ts';
import * as limits from '../../src/protocol/limits.ts';
import { assertNone } from '../support/complaints.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const documented = readLimits(LIMIT_TABLES.map(read).join(''));

/** The code of the files that match, without `except`. */
function codeOfAll(pattern: string, except: readonly string[]): string {
  const files = globSync(pattern, { cwd: root }).filter((file) => !except.includes(file));
  return files.map((file) => codeOf(read(file))).join('\n');
}

test('docs/LIMITS.md has the table of the limits', () => {
  const document = read('docs/LIMITS.md');
  const isFresh = replaceTable(document, renderLimits(documented)) === document;
  assertNone(isFresh ? [] : ['docs/LIMITS.md is stale: run `npm run docs`']);
});

test('every limit of the module is documented with its value', () => {
  const values = Object.fromEntries(documented.map(({ name, value }) => [name, value]));
  assert.equal(values, { ...limits });
});

test('the comment of a limit says what it bounds, and what happens there or why', () => {
  const poor = documented.filter(({ text }) => text.split(/[.:;] /).length < 2);
  assertNone(poor.map(({ name, text }) => `${name}: ${text}`));
});

test('a code that is named as the consequence of a limit exists', () => {
  const strays = documented.flatMap(({ name, text }) =>
    (text.match(/\bE_[A-Z_]+\b/g) ?? [])
      .filter((code) => !isErrorCode(code))
      .map((code) => `${name}: ${code}`),
  );
  assertNone(strays);
});

test('every limit is kept somewhere in the code', () => {
  const source = codeOfAll('src/**/*.{ts,tsx}', LIMIT_TABLES);
  const idle = documented.filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(source));
  assertNone(idle.map(({ name }) => `${name} is kept nowhere`));
});

test('every limit is reached by a test that names it', () => {
  const source = codeOfAll('test/**/*.ts', ['test/protocol/limits-documented.test.ts']);
  const untested = documented.filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(source));
  assertNone(untested.map(({ name }) => `${name} is reached by no test`));
});

test.run();
