/**
 * What a filter says. A text, or when it has signs of one, a regular expression; tests of columns,
 * `role=leaf rtt>50`; both together, and all of it turned round by `!`. Case does not matter in
 * texts.
 */
import { parseDurationMs } from '../base/duration.ts';
import { DagentError } from '../protocol/errors.ts';
import { type Fields, type FieldValue, parseExpression } from '../protocol/expression.ts';

/** How an item is looked at. */
export interface FilterSubject<Item> {
  /** Columns that can be tested, by their name in small letters. */
  readonly fields: Fields;
  look(item: Item, field: string): FieldValue;
  /** What a text is looked for in. */
  text(item: Item): string;
}

export interface ParsedFilter<Item> {
  /** Undefined: all are wanted. */
  readonly isMatch: ((item: Item) => boolean) | undefined;
  /** What is wrong with it, or ''. A test that is wrong is as if it were not there. */
  readonly reason: string;
}

const ALL = { isMatch: undefined, reason: '' };
const TEST = /[A-Za-z]+(?:!=|>=|<=|=|>|<)/;
/** What begins with a test, or with `not` or parentheses and then a test. */
const EXPRESSION = new RegExp(`^(?:not(?=[\\s(])|[\\s(])*${TEST.source}`, 'i');
/** Words, of which a `not` and its test are one. */
const WORD = new RegExp(`not\\s+(?=${TEST.source})\\S+|\\S+`, 'gi');
const TURNED = /^(?:!|not\s)/i;
/** A value that is a time, behind an operator: `>10m`. */
const DURATION = /(?<=[=<>])\d+(?:\.\d+)?(?:ms|s|m|h|d)\b/g;
const REGEX_SIGNS = /[\\^$*+?()[\]{}|]/;

type Test<Item> = (item: Item) => boolean;

/** A test, and what is wrong with it, or ''. */
type Read<Item> = readonly [test: Test<Item> | undefined, reason: string];

function readText<Item>(word: string, subject: FilterSubject<Item>): Read<Item> {
  const plain = word.toLowerCase();
  const isPlain: Test<Item> = (item) => subject.text(item).toLowerCase().includes(plain);
  if (!REGEX_SIGNS.test(word)) return [isPlain, ''];
  try {
    const regex = new RegExp(word, 'im');
    return [(item) => regex.test(subject.text(item)), ''];
  } catch (error) {
    // Still being written, or meant as it stands. The end of the message is what is wrong.
    const why = error instanceof SyntaxError ? error.message.replace(/^.*: /s, '') : '';
    return [isPlain, `"${word}" is taken as a text: ${why}`];
  }
}

function expressionTest<Item>(text: string, subject: FilterSubject<Item>): Test<Item> {
  const withMs = text.replace(DURATION, (time) => String(parseDurationMs(time) ?? time));
  const lower = withMs.replace(/[A-Za-z]+(?=\s*(?:!=|>=|<=|=|>|<))/g, (name) => name.toLowerCase());
  const filter = parseExpression(lower, subject.fields);
  return (item) => filter((field) => subject.look(item, field));
}

/** The reason in an error of the expression parser, without what else it says. */
function reasonOf(error: unknown): string {
  if (!(error instanceof DagentError)) throw error;
  const { reason } = error.values;
  return typeof reason === 'string' ? reason : error.message;
}

function readWord<Item>(word: string, subject: FilterSubject<Item>): Read<Item> {
  if (!EXPRESSION.test(word)) return readText(word, subject);
  try {
    return [expressionTest(word, subject), ''];
  } catch (error) {
    return [undefined, reasonOf(error)];
  }
}

/** Words one by one: those that begin as a test are one, the others are texts. */
function parseWords<Item>(text: string, subject: FilterSubject<Item>): ParsedFilter<Item> {
  const words = (text.match(WORD) ?? []).map((word) => readWord(word, subject));
  const tests = words.flatMap(([test]) => test ?? []);
  const reason = words.findLast(([, why]) => why !== '')?.[1] ?? '';
  if (tests.length === 0) return { isMatch: undefined, reason };
  return { isMatch: (item) => tests.every((test) => test(item)), reason };
}

export function parseFilter<Item>(text: string, subject: FilterSubject<Item>): ParsedFilter<Item> {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '!') return ALL;
  if (EXPRESSION.test(trimmed)) {
    try {
      return { isMatch: expressionTest(trimmed, subject), reason: '' };
    } catch (error) {
      // Not tests only: word by word, unless it is what parentheses hold together.
      if (trimmed.includes('(')) return { isMatch: undefined, reason: reasonOf(error) };
    }
  } else if (TURNED.test(trimmed)) {
    const { isMatch, reason } = parseFilter(trimmed.replace(TURNED, ''), subject);
    return { isMatch: isMatch === undefined ? undefined : (item) => !isMatch(item), reason };
  }
  return parseWords(trimmed, subject);
}
