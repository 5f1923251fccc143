import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { SELECTOR_DEPTH_MAX, SELECTOR_NAMES_MAX } from '../../src/protocol/limits.ts';
import { eitherOf, formatSelector, replaceLast, without } from '../../src/protocol/selector.ts';
import { expandNames, parseSelector } from '../../src/protocol/selector-parser.ts';

/** The error that a text ends with: its reason, the line that is shown, and where the caret is. */
function faultOf(text: string): { reason: string; shown: string; at: number } {
  try {
    parseSelector(text);
  } catch (error) {
    assert.instance(error, DagentError);
    const { code, values, exit } = error as DagentError;
    assert.equal([code, exit], ['E_SELECTOR', 2]);
    const [shown = '', caret = ''] = String(values.place).split('\n');
    return { reason: String(values.reason), shown, at: caret.indexOf('^') - 2 };
  }
  throw new Error(`${text} is a selector`);
}

/** A selector as it is understood. */
const read = (text: string): string => formatSelector(parseSelector(text));

test('a word is a name, a node set, a pattern or a condition', () => {
  for (const [text, understood] of [
    ['web1', '(web1)'],
    ['web1:,db1', '(db1,web1)'],
    ['web[1-3,7]', '(web[1-3,7])'],
    ['web[01-10]', '(web[01-10])'],
    ['r[1-2]n[1-2]', '(r[1-2]n[1-2])'],
    ['{web,db}1', '(db1,web1)'],
    ['name=and', '(name=and)'],
    ['web*', 'web*'],
    ['web[1-40]*', 'web[1-40]*'],
    ['web[!a-c]?', 'web[!a-c]?'],
    ['site=oslo', 'site=oslo'],
    ['label:role=db', 'label:role=db'],
    ['role=leaf', 'role=leaf'],
    ['under:east', 'under:east'],
    ['@last', '@last'],
    ['@last:failed', '@last:failed'],
  ] as const) {
    assert.is(read(text), understood, text);
  }
});

test('a comma binds closest, then not, and, or', () => {
  assert.is(read('a,b and c*'), '((a,b) and c*)');
  assert.is(read('a* or b* and not c*,d*'), '(a*,(b* and (not (c*,d*))))');
  assert.is(read('not not a*'), '(not (not a*))');
  assert.is(read(' ( a* or b* ) and c* '), '((a*,b*) and c*)');
  assert.is(read('a* AND NOT b*'), '(a* and (not b*))');
  assert.is(read('a,b,'), '(a,b)');
});

test('what is wrong is said, with a caret below the place', () => {
  for (const [text, at, reason] of [
    ['', 0, /empty/],
    ['web[1-4', 3, /\[ is not closed/],
    ['web[]', 4, /nothing between/],
    ['web[1-', 3, /not closed/],
    ['web[5-1]', 4, /ends before it begins/],
    ['web[1,9-7]', 6, /ends before it begins/],
    ['web[1--2]', 4, /has numbers/],
    ['web[1234567890123456]', 4, /15 digits/],
    ['(a,b', 0, /\( is not closed/],
    ['(a b)', 3, /\) is missing/],
    ['a)', 1, /no \( to this/],
    ['a b', 2, /"and" or "or" is missing/],
    ['a and', 5, /a name or a condition is missing/],
    [',a', 0, /a name or a condition is missing/],
    ['a,not b', 2, /parentheses/],
    ['and', 0, /nothing to join/],
    ['!web', 0, /cannot be a name/],
    ['we!b*', 0, /names have letters/],
    ['web1:orders', 0, /"web1:" is not known/],
    ['under:', 6, /name of a node is missing/],
    ['label:x', 6, /label:NAME=VALUE/],
    ['=oslo', 0, /name of a label/],
    ['role=lef', 5, /root, agent, leaf; did you mean leaf/],
    ['state=dead', 6, /up, lost/],
    ['@lost', 0, /there is @last/],
    ['a and @last:bad', 12, /ends with one of/],
  ] as const) {
    const fault = faultOf(text);
    assert.match(fault.reason, reason, text);
    assert.is(fault.at, at, text);
    assert.is(fault.shown, text);
  }
});

test('of a long text the part around the place is shown', () => {
  const { shown, at } = faultOf(`${'a,'.repeat(100)}) ${'b '.repeat(100)}`);
  assert.ok(shown.startsWith('...') && shown.endsWith('...') && shown.length < 80, shown);
  assert.is(shown[at], ')');
});

test('one selector names so many nodes and no more', () => {
  assert.is(expandNames(`n[1-${SELECTOR_NAMES_MAX}]`).length, SELECTOR_NAMES_MAX);
  for (const text of [`n[0-${SELECTOR_NAMES_MAX}]`, 'n[0-999999999999999]', 'a[0-999]b[0-999]']) {
    assert.match(faultOf(text).reason, /names more than 200000/);
  }
  assert.match(faultOf(`a,b[1-${SELECTOR_NAMES_MAX}]`).reason, /names more than/);
});

test('it is nested so deep and no deeper', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
  parseSelector(nested(SELECTOR_DEPTH_MAX));
  assert.match(faultOf(nested(SELECTOR_DEPTH_MAX + 1)).reason, /nested deeper/);
  assert.match(faultOf(`${'not '.repeat(SELECTOR_DEPTH_MAX + 1)}a`).reason, /nested deeper/);
});

test('a list of names holds nothing else', () => {
  assert.equal(expandNames('a,web[1-2]'), ['a', 'web1', 'web2']);
  assert.equal(expandNames('and'), ['and']);
  for (const text of ['*', 'a,b*', 'not a', 'role=leaf', '@last']) {
    assert.throws(
      () => expandNames(text),
      (error: DagentError) => error.code === 'E_SELECTOR',
    );
  }
});

test('names of several selectors come together, each once', () => {
  const parts = ['a,b', 'web*', 'b,c'].map(parseSelector);
  assert.is(formatSelector(eitherOf(parts)), '((a,b,c),web*)');
  assert.equal(eitherOf([]), { kind: 'names', names: [] });
  const less = without(parseSelector('web*'), ['web1', 'web2'].map(parseSelector));
  assert.is(formatSelector(less), '(web* and (not (web[1-2])))');
});

test('no name at all is a selector that means nothing', () => {
  const text = formatSelector({ kind: 'names', names: [] });
  assert.is(read(text), text);
});

test('the last run is put in wherever it is meant', () => {
  const asked: string[] = [];
  const selector = replaceLast(parseSelector('@last,a and not (@last:ok or b*)'), (verdict) => {
    asked.push(verdict);
    return { kind: 'names', names: [`was-${verdict}`] };
  });
  assert.equal(asked, ['', 'ok']);
  assert.is(formatSelector(selector), '((a,was-) and (not ((was-ok),b*)))');
});

const word = fc.constantFrom(
  ...['web1', 'web[1-3]', '{a,b}', 'w*', 'w?[a-c]', 'and', 'or', 'not', '(', ')', ',', ' '],
  ...['site=o*', 'role=leaf', 'under:a', '@last', '@last:ok', 'label:x=', '[', ']', '{', 'name=or'],
);
const sentence = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));

test('whatever is typed, it is a selector or an error with a place', () => {
  fc.assert(
    fc.property(fc.oneof(sentence, fc.string(), fc.string({ unit: 'binary' })), (text) => {
      try {
        const formatted = read(text);
        assert.is(read(formatted), formatted, 'what is written is read as what it was');
      } catch (error) {
        assert.instance(error, DagentError, String(error));
        assert.is((error as DagentError).code, 'E_SELECTOR');
      }
    }),
    { numRuns: 1_000 },
  );
});

test.run();
