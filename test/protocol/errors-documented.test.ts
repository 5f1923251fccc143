/** The registry of errors, docs/ERRORS.md and the code say the same, both ways. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import { ERROR_TABLES, renderErrors, replaceTable } from '../../scripts/checks/registries.ts';
import { ERRORS, type ErrorEntry } from '../../src/protocol/error-table.ts';
import { assertNone } from '../support/complaints.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const source = ERROR_TABLES.map(read).join('');
const codes = Object.keys(ERRORS);
const entries = Object.entries<ErrorEntry>(ERRORS);

/** Exit statuses that a command may have: the table of `dagent help exit-codes`. */
const EXITS = [1, 2, 3, 4, 5, 6, 7, 124, 125, 126, 127, 130, 143, 255];

/** Names of placeholders in a template. */
function placeholders(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

test('docs/ERRORS.md has the tables of the registry', () => {
  const document = read('docs/ERRORS.md');
  const isFresh = replaceTable(document, renderErrors(ERRORS, source)) === document;
  assertNone(isFresh ? [] : ['docs/ERRORS.md is stale: run `npm run docs`']);
});

test('every code is in docs/ERRORS.md, with what to do about it', () => {
  const rows = read('docs/ERRORS.md').split('\n');
  const poor = codes.filter(
    (code) =>
      rows.filter((row) => row.startsWith(`| \`${code}\` |`) && !row.endsWith(' |  |')).length !==
      1,
  );
  assertNone(poor.map((code) => `${code} has no complete row`));
});

test('no text names a code that is not in the registry', () => {
  const files = globSync(['{src,docs,examples}/**/*.{ts,tsx,md,py}', '*.md'], { cwd: root });
  const strays = files.flatMap((file) =>
    [...read(file).matchAll(/(?<![A-Z_])E_[A-Z]+(?:_[A-Z]+)*\b/g)]
      .filter(([code]) => !codes.includes(code))
      .map(([code]) => `${file} names ${code}`),
  );
  assertNone([...new Set(strays)]);
});

test('every code of the registry is one that the code can raise', () => {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).filter(
    (file) => !ERROR_TABLES.includes(file),
  );
  const source = files.map(read).join('\n');
  const dead = codes.filter((code) => !new RegExp(`['"\`]${code}['"\`]`).test(source));
  assertNone(dead.map((code) => `${code} is raised nowhere`));
});

test('a message is a phrase: it begins small, and ends without a full stop', () => {
  const odd = entries.filter(
    ([, { message, hint = 'x' }]) => /^[A-Z]|\.$/.test(message) || /^[A-Z][a-z]|\.$/.test(hint),
  );
  assertNone(odd.map(([code]) => code));
});

test('a hint speaks of what the message speaks of', () => {
  const odd = entries.filter(([, { message, hint = '' }]) => {
    // A hint that is one placeholder is all made where the error arises.
    const isGiven = /^\{\w+\}$/.test(hint);
    return !isGiven && placeholders(hint).some((name) => !placeholders(message).includes(name));
  });
  assertNone(odd.map(([code]) => code));
});

test('every exit status is one of the documented ones', () => {
  const odd = entries.filter(([, { exit }]) => !EXITS.includes(exit));
  assertNone(odd.map(([code, { exit }]) => `${code} ends with ${exit}`));
});

test.run();
