/** The style of the project as a test: what a reviewer would otherwise say again and again. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'uvu';
import { findIncomplete, type Lockfile } from '../scripts/checks/lockfile.ts';
import { BANS, type Ban, DOCUMENT, LEFTOVER, PRIVATE_PATH } from '../scripts/checks/rules.ts';
import { codeOf, commentsOf, functionsOf } from '../scripts/checks/source.ts';
import { assertNone } from './support/complaints.ts';

const LINE_LENGTH_MAX = 100;
const FILE_LINES_MAX = 300;
const FUNCTION_LINES_MAX = 60;

interface File {
  readonly path: string;
  readonly text: string;
}

const root = resolve(import.meta.dirname, '..');

function read(patterns: readonly string[]): File[] {
  const exclude = (path: string) => /(^|\/)(node_modules|dist|\.git)$/.test(path);
  const paths = globSync([...patterns], { cwd: root, exclude }).sort();
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const typescript = read(['{src,test,scripts,bench,examples}/**/*.{ts,tsx}']);
const scripts = read(['{scripts,bin,test,bench,examples}/**/*.{sh,py}', 'bin/*', '.ci/run']);
const documents = read(['**/*.md']);
const code = [...typescript, ...scripts];

/** `check` of each line of each file: what is wrong with it, or undefined. */
function complain(
  files: readonly File[],
  check: (line: string, path: string) => string | undefined,
): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      const wrong = check(line, path);
      return wrong === undefined ? [] : [`${path}:${index + 1} ${wrong}`];
    }),
  );
}

test(`no line of code is longer than ${LINE_LENGTH_MAX} characters`, () => {
  const check = (line: string) =>
    line.length > LINE_LENGTH_MAX ? `has ${line.length} characters` : undefined;
  assertNone(complain(code, check));
});

test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
  const long = code
    .map(({ path, text }) => ({ path, count: text.trimEnd().split('\n').length }))
    .filter(({ count }) => count > FILE_LINES_MAX)
    .map(({ path, count }) => `${path} has ${count} lines: split it by noun`);
  assertNone(long);
});

test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
  const long = typescript.flatMap(({ path, text }) =>
    functionsOf(text)
      .filter(({ lineCount }) => lineCount > FUNCTION_LINES_MAX)
      .map(({ line, lineCount }) => `${path}:${line} has a function of ${lineCount} lines`),
  );
  assertNone(long);
});

/** Lines of a file that say what a ban forbids. */
function findBanned({ path, text }: File, { pattern, instead, where, except = [] }: Ban): string[] {
  const startsPath = (beginning: string) => path.startsWith(beginning);
  if (!where.some(startsPath) || except.some(startsPath)) return [];
  const source = codeOf(text);
  return [...source.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map((match) => {
    const line = source.slice(0, match.index).split('\n').length;
    return `${path}:${line} ${match[0].trim()}: ${instead}`;
  });
}

test('the code says nothing that is banned', () => {
  const banned = typescript.flatMap((file) => BANS.flatMap((ban) => findBanned(file, ban)));
  assertNone(banned);
});

test('nothing is left for later', () => {
  const rules = 'scripts/checks/rules.ts';
  const check = (line: string, path: string) =>
    path !== rules && LEFTOVER.test(line) ? `is left over: ${line.trim()}` : undefined;
  assertNone(complain([...code, ...documents], check));
});

test('no path of one machine is in the project', () => {
  const check = (line: string) =>
    PRIVATE_PATH.test(line) ? `names a private path: ${line.trim()}` : undefined;
  assertNone(complain([...code, ...documents, ...read(['*.json', '.github/**'])], check));
});

test('the lockfile names no registry of one place', () => {
  const isPublic = (line: string) => line.includes('"https://registry.npmjs.org/');
  const check = (line: string) =>
    line.includes('"resolved": "http') && !isPublic(line) ? line.trim() : undefined;
  assertNone(complain(read(['package-lock.json']), check));
});

test('the lockfile has the packages of all platforms', () => {
  const lockfile = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  const missing = findIncomplete(lockfile).map(([place]) => `${place}: run \`npm run lock\``);
  assertNone(missing);
});

test('a document that is referred to is there', () => {
  const comments = typescript.map(({ path, text }) => ({ path, text: commentsOf(text) }));
  const check = (line: string, path: string) => {
    const missing = [...line.matchAll(DOCUMENT)]
      .map(([name]) => name)
      .filter(
        (name) =>
          ![root, join(root, 'docs'), join(root, dirname(path))].some((place) =>
            existsSync(join(place, name)),
          ),
      );
    return missing.length > 0 ? `refers to ${missing.join(', ')}` : undefined;
  };
  assertNone(complain([...comments, ...scripts, ...documents], check));
});

test('a decision has a number of its own, in its name and in its title', () => {
  const decisions = documents.filter(({ path }) => path.startsWith('docs/adr/'));
  const numbers = decisions.map(({ path }) => path.slice('docs/adr/'.length).slice(0, 4));
  assertNone([
    ...numbers.filter((number, index) => numbers.indexOf(number) !== index),
    ...decisions
      .filter(({ text }, index) => !text.startsWith(`# ${Number(numbers[index])}. `))
      .map(({ path }) => path),
  ]);
});

test('every file of code says at its top what it is for', () => {
  const silent = typescript
    // A command says it in the description that its users read.
    .filter(({ path }) => /^(src|scripts)\/(?!commands\/)/.test(path))
    .filter(({ text }) => !/^(#!.*\n)?\/(\*\*|\/)/.test(text))
    .map(({ path }) => `${path} begins without a comment`);
  assertNone(silent);
});

test.run();
