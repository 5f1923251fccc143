import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isNodeName } from '../../src/protocol/address.ts';
import { foldNames } from '../../src/protocol/node-set.ts';
import { expandNames } from '../../src/protocol/selector-parser.ts';

test('numbered names are written as ranges', () => {
  assert.is(foldNames(['web1', 'web2', 'web3']), 'web[1-3]');
  assert.is(foldNames(['web3', 'db1', 'web1', 'web2', 'web7', 'web3']), 'db1,web[1-3,7]');
  assert.is(foldNames(['web1']), 'web1');
  assert.is(foldNames([]), '');
});

test('zeros in front are kept', () => {
  assert.is(foldNames(['n01', 'n02', 'n10']), 'n[01-02,10]');
  assert.is(foldNames(['n08', 'n09', 'n10', 'n11']), 'n[08-11]');
  assert.is(foldNames(['n1', 'n01', 'n001']), 'n[1,01,001]');
  assert.equal(expandNames('n[08-11]'), ['n08', 'n09', 'n10', 'n11']);
});

test('several numbers in a name are folded, each in its place', () => {
  const names = expandNames('rack[1-3]-node[01-04]');
  assert.is(names.length, 12);
  assert.is(foldNames(names), 'rack[1-3]-node[01-04]');
  assert.is(foldNames(['r1-n1', 'r1-n2', 'r2-n1']), 'r1-n[1-2],r2-n1');
});

test('a number that is too long to count with is text', () => {
  const names = ['n12345678901234567890', 'n12345678901234567891'];
  assert.is(foldNames(names), names.join(','));
});

test('the parts stand in natural order', () => {
  assert.is(foldNames(['b10', 'b9x', 'a', 'b2x', 'c']), 'a,b[2,9]x,b10,c');
});

/** Names of the kind that people give, so that many of them fold. */
const name = fc
  .tuple(
    fc.constantFrom('web', 'db', 'a', 'node-', ''),
    fc.oneof(
      fc.nat(12).map(String),
      fc.nat(12).map((it) => String(it).padStart(2, '0')),
    ),
    fc.constantFrom('', '', '.oslo', '-r1', '-r2', 'x'),
  )
  .map((parts) => parts.join(''))
  .filter(isNodeName);
const anyName = fc.oneof(
  name,
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/).filter(isNodeName),
);
/** These mean something else in a list. */
const isPlain = (each: string): boolean => !/^(and|or|not)$/i.test(each);

test('what is folded and written out again is the same set', () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyName.filter(isPlain), { maxLength: 60 }), (names) => {
      const folded = foldNames(names);
      const expanded = folded === '' ? [] : expandNames(folded);
      assert.equal([...expanded].sort(), [...names].sort());
      assert.is(foldNames(expanded), folded);
    }),
  );
});

test('folding costs no more than sorting: 100,000 names with two numbers', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `r${at % 100}-n${at}`);
  const folded = foldNames(names);
  assert.is(expandNames(folded).length, 100_000);
  assert.ok(folded.startsWith('r0-n[0,100,200,'), folded.slice(0, 40));
});

test.run();
