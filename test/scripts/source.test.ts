import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  codeOf,
  commentsOf,
  functionsOf,
  type Import,
  importsOf,
} from '../../scripts/checks/source.ts';

const BLANKED: readonly (readonly [string, string, string])[] = [
  ['a comment to the end of the line', 'a(); // b()\nc();', 'a();       \nc();'],
  ['a comment of several lines', 'a /* b\n c */ d', 'a     \n      d'],
  ['a string with an escaped quote', "a('b\\'c') + d", 'a(      ) + d'],
  ['a string with a comment in it', "a('// b'); c", 'a(      ); c'],
  ['a comment with a quote in it', "a // don't\nb", 'a         \nb'],
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are what is tested
  ['a template with code in it', '`a ${b(`c`)} d` + e', '     b(   )     + e'],
  ['a template with an object in it', '`${f({ a: 1 })}` + b', '   f({ a: 1 })   + b'],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are what is tested
  ['a regular expression', 'a = /[/\'"]b/g; c', 'a =          ; c'],
  ['a division', 'a / b / c', 'a / b / c'],
  ['an apostrophe in the text of JSX', "<Text>don't</Text>", "<Text>don't</Text>"],
  ['an unfinished string', "a 'b\nc", 'a   \nc'],
];

for (const [what, text, code] of BLANKED) {
  test(`${what} is told from code`, () => {
    assert.is(codeOf(text), code);
  });
}

test('comments are found, and nothing else', () => {
  assert.is(commentsOf("a('// x'); // b\n/* c */ d"), `           // b\n/* c */  `);
});

const IMPORTS: readonly (readonly [string, Omit<Import, 'line'>[]])[] = [
  ["import a from 'x';", [{ specifier: 'x', isDynamic: false, isType: false }]],
  ["import 'x';", [{ specifier: 'x', isDynamic: false, isType: false }]],
  [
    "import {\n  a,\n  b,\n} from './x.ts';",
    [{ specifier: './x.ts', isDynamic: false, isType: false }],
  ],
  ['import * as a from "x";', [{ specifier: 'x', isDynamic: false, isType: false }]],
  ["import type { A } from 'x';", [{ specifier: 'x', isDynamic: false, isType: true }]],
  ["import { type A, b } from 'x';", [{ specifier: 'x', isDynamic: false, isType: false }]],
  ["export { a } from 'x';", [{ specifier: 'x', isDynamic: false, isType: false }]],
  ["export * from 'x';", [{ specifier: 'x', isDynamic: false, isType: false }]],
  ["const a = await import('x');", [{ specifier: 'x', isDynamic: true, isType: false }]],
  ["type A = typeof import('x');", [{ specifier: 'x', isDynamic: true, isType: true }]],
  ["// import a from 'x';", []],
  ['const a = "import b from \'x\'";', []],
  ["const a = `import b from 'x'`;", []],
  ["export const from = 'x';", []],
  ["a.import = 'x';", []],
  ["test('import', 'x');", []],
];

for (const [text, found] of IMPORTS) {
  const names = found.map(({ specifier }) => specifier).join() || 'nothing';
  test(`${JSON.stringify(text)} imports ${names}`, () => {
    assert.equal(
      importsOf(text).map(({ line: _, ...rest }) => rest),
      found,
    );
  });
}

test('an import knows its line', () => {
  assert.equal(
    importsOf("\nimport {\n  a,\n} from 'x';\nimport 'y';").map(({ line }) => line),
    [4, 5],
  );
});

const FUNCTIONS: readonly (readonly [string, string, number[]])[] = [
  ['a function', 'function a(b: number): void {\n  c();\n}', [3]],
  ['an exported one', 'export async function a() {\n}\n', [2]],
  ['one whose result is an object', 'function a(): { b: number } {\n  return c;\n}', [3]],
  ['one whose result is a string', "function a(): 'b' | 'c' {\n}\nclass D {\n\n\n}", [2]],
  ['one that asserts', 'function a(b: unknown): asserts b is C {\n}', [2]],
  ['one with parameters on lines of their own', 'function a(\n  b: C,\n): D {\n  e();\n}', [5]],
  ['an arrow with a body', 'const a = () => {\n  b();\n};', [3]],
  ['an arrow with brackets', 'const a = () => (\n  b\n);', [3]],
  ['a method', 'class A {\n  async b(c: D): Promise<void> {\n    d();\n  }\n}', [3]],
  ['a constructor', 'class A {\n  constructor() {\n  }\n}', [2]],
  ['a getter', 'class A {\n  get b(): string {\n    return c;\n  }\n}', [3]],
  ['no if, no loop', 'if (a) {\n}\nfor (const b of c) {\n}\nwhile (d) {\n}\nswitch (e) {\n}', []],
  ['no call', '  a(b);\n  {\n  }', []],
  ['one within another', 'function a() {\n  return () => {\n    b();\n  };\n}', [3, 5]],
];

for (const [what, text, lineCounts] of FUNCTIONS) {
  test(`${what}: functions of ${lineCounts.join(' and ') || 'no'} lines`, () => {
    const found = functionsOf(text).map(({ lineCount }) => lineCount);
    assert.equal(found.sort(), lineCounts);
  });
}

test.run();
