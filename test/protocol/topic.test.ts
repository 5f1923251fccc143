import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TOPIC_LENGTH_MAX } from '../../src/protocol/limits.ts';
import { isTopic, isTopicPattern, isWild, matchesTopic } from '../../src/protocol/topic.ts';

const TOPICS = ['orders', 'orders.eu.paid', 'a-b_c.1.ü', 'x'.repeat(TOPIC_LENGTH_MAX)];
const PATTERNS = ['*', '>', 'orders.*', 'orders.>', '*.eu.*', '*.>'];
const NEITHER = [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a b',
  'a\n',
  'a*',
  '>a',
  '>.a',
  'a.>.b',
  'a.\u200b',
  'x'.repeat(TOPIC_LENGTH_MAX + 1),
];

test('a topic is words with dots between, up to its bound', () => {
  for (const text of TOPICS) assert.ok(isTopic(text), text);
  for (const text of [...PATTERNS, ...NEITHER]) assert.not.ok(isTopic(text), text);
});

test('a pattern may have * for a word, and > for the rest', () => {
  for (const text of [...TOPICS, ...PATTERNS]) assert.ok(isTopicPattern(text), text);
  for (const text of NEITHER) assert.not.ok(isTopicPattern(text), text);
});

const MATCHES: readonly (readonly [string, string, boolean])[] = [
  ['orders', 'orders', true],
  ['orders', 'orders.eu', false],
  ['orders.*', 'orders.eu', true],
  ['orders.*', 'orders', false],
  ['orders.*', 'orders.eu.paid', false],
  ['orders.*.paid', 'orders.eu.paid', true],
  ['orders.*.paid', 'orders.eu.sent', false],
  ['*.eu', 'orders.eu', true],
  ['orders.>', 'orders.eu', true],
  ['orders.>', 'orders.eu.paid', true],
  ['orders.>', 'orders', false],
  ['>', 'orders', true],
  ['*.>', 'orders', false],
  ['*.>', 'orders.eu.paid', true],
];

for (const [pattern, topic, isMatch] of MATCHES) {
  test(`${pattern} ${isMatch ? 'matches' : 'does not match'} ${topic}`, () => {
    assert.is(matchesTopic(pattern, topic), isMatch);
  });
}

const words = fc.array(fc.constantFrom('a', 'b', 'cc'), { minLength: 1, maxLength: 5 });

/** The definition, word by word and slowly. */
function isOf(pattern: readonly string[], topic: readonly string[]): boolean {
  const [first, ...others] = pattern;
  const [word, ...rest] = topic;
  if (first === undefined || word === undefined) return first === word;
  if (first === '>') return true;
  return (first === '*' || first === word) && isOf(others, rest);
}

test('what matches is what the definition says', () => {
  const wild = fc.array(fc.constantFrom('a', 'b', 'cc', '*'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(wild, fc.boolean(), words, (begin, isOpen, topic) => {
      const pattern = isOpen ? [...begin, '>'] : begin;
      const [a, b] = [pattern.join('.'), topic.join('.')];
      assert.ok(isTopicPattern(a) && isTopic(b));
      assert.is(matchesTopic(a, b), isOf(pattern, topic), `${a} ${b}`);
    }),
  );
});

test('a topic is the pattern of itself, and of nothing else', () => {
  fc.assert(
    fc.property(words, words, (one, other) => {
      const [a, b] = [one.join('.'), other.join('.')];
      assert.is(matchesTopic(a, b), a === b);
      assert.not.ok(isWild(a));
    }),
  );
});

test('any text is a topic or none, and never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
      if (isTopic(a)) assert.ok(isTopicPattern(a));
      matchesTopic(a, b);
      if (isTopicPattern(a) && !isWild(a)) assert.ok(isTopic(a));
    }),
  );
});

test.run();
