import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { type Fields, type FieldValue, parseExpression } from '../../src/protocol/expression.ts';
import { EXPRESSION_LENGTH_MAX } from '../../src/protocol/limits.ts';

const FIELDS: Fields = { to: 'text', kind: 'text', size: 'number' };
type Subject = Readonly<Record<string, FieldValue>>;

function isWanted(expression: string, record: Subject): boolean {
  return parseExpression(expression, FIELDS)((field) => record[field]);
}

function reasonOf(expression: string): string {
  try {
    parseExpression(expression, FIELDS);
  } catch (error) {
    assert.instance(error, DagentError);
    assert.is((error as DagentError).code, 'E_EXPRESSION_INVALID');
    return (error as DagentError).message;
  }
  return '';
}

const RECORD = { to: ['web1:orders', 'web1', 'orders'], kind: 'request', size: 2_048 };

test('a word of a list must be in it, or be a pattern', () => {
  const fields: Fields = { event: ['node-up', 'node-lost'], size: 'number' };
  const wants = (text: string, event: string) => parseExpression(text, fields)(() => event);
  assert.is(wants('event=node-up', 'node-up'), true);
  assert.is(wants('event!=node-up', 'node-up'), false);
  assert.is(wants('event=nosuch*', 'node-up'), false);
  assert.throws(() => wants('event=node-ups', ''), /no event node-ups \(did you mean node-up/);
  assert.throws(() => wants('event=zz', ''), /there is no event zz at its end/);
});

test('fields are compared with patterns and numbers', () => {
  for (const yes of [
    '',
    '   ',
    'to=web*',
    'to=orders',
    'to!=db*',
    'kind = request',
    'size>2000',
    'size>=2k and size<=2k',
    'size=2k',
    'size!=1',
    'size<1M',
    'kind="request"',
  ]) {
    assert.ok(isWanted(yes, RECORD), yes);
  }
  for (const no of ['to=web', 'to!=web*', 'kind=reply', 'size>2k', 'size<2048', 'size!=2k']) {
    assert.not.ok(isWanted(no, RECORD), no);
  }
});

test('and binds more than or, not more than both, and parentheses more than all', () => {
  const record = { to: 'a', kind: 'b', size: 1 };
  assert.ok(isWanted('to=a or kind=x and size=2', record));
  assert.not.ok(isWanted('(to=a or kind=x) and size=2', record));
  assert.ok(isWanted('not to=x kind=b', record));
  assert.not.ok(isWanted('not (to=x or kind=b)', record));
  assert.ok(isWanted('NOT not to=a AND (kind=b)', record));
  assert.not.ok(isWanted('to=a kind=x', record));
});

test('a record without a field is only wanted by what it is not', () => {
  assert.not.ok(isWanted('to=*', {}));
  assert.ok(isWanted('to!=web', {}));
  assert.not.ok(isWanted('size<10', {}));
  assert.ok(isWanted('size!=10', {}));
});

test('words of the language may be values', () => {
  assert.ok(isWanted('to=not', { to: 'not' }));
  assert.ok(isWanted('to="a (b) and c"', { to: 'a (b) and c' }));
  assert.ok(isWanted('to=orders.>', { to: 'orders.>' }));
});

test('what is no expression is refused with the place and the fields', () => {
  for (const [text, reason] of [
    ['colour=red', 'there is no field colour before "colour=red"'],
    ['to', 'to needs ='],
    ['to=', 'a value is missing at its end'],
    ['to>3', 'to is a text: = or != is expected before ">3"'],
    ['size>big', 'size> needs a number: "big" stands at its end'],
    ['size>1T', 'size> needs a number: "1T" stands'],
    ['(to=a', 'a ) is missing'],
    ['to=a)', 'a test is expected before ")"'],
    ['to=a or', 'FIELD=VALUE is expected at its end'],
    ['and to=a', 'there is no field and'],
    ['constructor=a', 'there is no field constructor'],
  ] as const) {
    assert.ok(reasonOf(text).includes(reason), `${text}: ${reasonOf(text)}`);
  }
});

test('an expression is bounded', () => {
  const most = `to=${'a'.repeat(EXPRESSION_LENGTH_MAX - 3)}`;
  assert.is(reasonOf(most), '');
  assert.match(reasonOf(`${most}a`), 'at most 1024');
  assert.match(reasonOf('('.repeat(EXPRESSION_LENGTH_MAX)), 'is expected');
});

/** An expression as a tree, with what it means. */
type Tree = { readonly text: string; readonly means: (record: Subject) => boolean };

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  fc.nat({ max: 3 }).map((n) => ({
    text: `size>${n}`,
    means: (record: Subject) => Number(record.size) > n,
  })),
  fc.constantFrom('a', 'b').map((kind) => ({
    text: `kind=${kind}`,
    means: (record: Subject) => record.kind === kind,
  })),
);

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    tie('tree').map(({ text, means }) => ({
      text: `not (${text})`,
      means: (record: Subject) => !means(record),
    })),
    fc.tuple(tie('tree'), tie('tree'), fc.constantFrom(' ', ' and ')).map(([a, b, and]) => ({
      text: `(${a.text})${and}(${b.text})`,
      means: (record: Subject) => a.means(record) && b.means(record),
    })),
    fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => ({
      text: `(${a.text} or ${b.text})`,
      means: (record: Subject) => a.means(record) || b.means(record),
    })),
  ),
})).tree;

test('an expression means what its parts mean', () => {
  const record = fc.record({ size: fc.nat({ max: 4 }), kind: fc.constantFrom('a', 'b', 'c') });
  fc.assert(
    fc.property(tree, record, ({ text, means }, each) => {
      fc.pre(text.length <= EXPRESSION_LENGTH_MAX);
      assert.is(isWanted(text, each), means(each), text);
    }),
  );
});

test('whatever is typed is an expression or refused', () => {
  const words = fc.constantFrom(
    'to',
    'size',
    '=',
    '>',
    '(',
    ')',
    'and',
    'or',
    'not',
    '"',
    ' ',
    '7',
  );
  const texts = fc.array(words, { maxLength: 12 }).map((each) => each.join(''));
  fc.assert(fc.property(fc.oneof(texts, fc.string()), (text) => void reasonOf(text)));
});

test.run();
