/**
 * One word of a selector as a pattern: text, `*`, `?`, `[abc]`, `{web,db}`, and the numbers of a
 * node set, `[1-40]`, `[01-10,15]`. A word without wildcards is not looked for but spelled out.
 */
import { selectorFault } from './selector-fault.ts';

/** Whole numbers from one to another; with zeros in front up to `width` digits. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'choice'; readonly texts: readonly string[] }
  | { readonly kind: 'numbers'; readonly ranges: readonly Range[] }
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'set'; readonly isNegated: boolean; readonly pairs: readonly string[] };

export type Pattern = readonly Token[];

/** Digits of a number in a node set: more would not be exact. */
const DIGITS_MAX = 15;
const RANGE = /^(\d+)(?:-(\d+))?$/;

function parseRange(text: string, at: number, word: string): Range {
  const [, first = '', last = first] = RANGE.exec(word) ?? [];
  if (first === '') throw selectorFault(text, at, 'a node set has numbers, as in [1-4,7]');
  if (first.length > DIGITS_MAX || last.length > DIGITS_MAX) {
    throw selectorFault(text, at, `a number may have ${DIGITS_MAX} digits`);
  }
  const from = Number(first);
  const to = Number(last);
  if (to < from) throw selectorFault(text, at, 'the range ends before it begins');
  return { from, to, width: /^0\d/.test(first) ? first.length : 0 };
}

function parseNumbers(text: string, from: number, to: number): Token {
  let at = from;
  const ranges = text
    .slice(from, to)
    .split(',')
    .map((word) => {
      const range = parseRange(text, at, word);
      at += word.length + 1;
      return range;
    });
  return { kind: 'numbers', ranges };
}

function parseSet(content: string): Token {
  const isNegated = /^[!^]/.test(content);
  const members = isNegated ? content.slice(1) : content;
  const pairs = [...members.matchAll(/(.)-(.)|(.)/gu)].map(
    ([, low, high, only = '']) => (low ?? only) + (high ?? only),
  );
  return { kind: 'set', isNegated, pairs };
}

function parseBracket(text: string, from: number, to: number): Token {
  if (from === to) throw selectorFault(text, from, 'there is nothing between the brackets');
  const content = text.slice(from, to);
  return /^[\d,-]+$/.test(content) ? parseNumbers(text, from, to) : parseSet(content);
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/** Where the bracket at `at` is closed. Throws E_SELECTOR. */
export function findClosing(text: string, at: number): number {
  const bracket = text[at] ?? '';
  const end = text.indexOf(CLOSING[bracket] ?? '', at);
  if (end < 0) throw selectorFault(text, at, `this ${bracket} is not closed`);
  return end;
}

/** The pattern in `text` from `from` to `to`. Throws E_SELECTOR with the place in `text`. */
export function parsePattern(text: string, from: number, to: number): Pattern {
  const tokens: Token[] = [];
  for (let at = from; at < to; ) {
    const character = text[at] ?? '';
    if (character === '*' || character === '?') {
      tokens.push({ kind: character === '*' ? 'any' : 'one' });
      at++;
    } else if (character === '[' || character === '{') {
      const end = findClosing(text, at);
      const isBracket = character === '[';
      const texts = isBracket ? [] : text.slice(at + 1, end).split(',');
      tokens.push(isBracket ? parseBracket(text, at + 1, end) : { kind: 'choice', texts });
      at = end + 1;
    } else {
      const end = at + Math.max(1, text.slice(at, to).search(/[*?[{]|$/));
      tokens.push({ kind: 'text', text: text.slice(at, end) });
      at = end;
    }
  }
  return tokens;
}

/** Whether a pattern spells out what it means. */
export function isSpelledOut(pattern: Pattern): boolean {
  return pattern.every(({ kind }) => kind === 'text' || kind === 'choice' || kind === 'numbers');
}

function countOf(token: Token): number {
  if (token.kind === 'choice') return token.texts.length;
  if (token.kind !== 'numbers') return 1;
  return token.ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}

/** How many words a pattern spells out: what is too many is not to be spelled. */
export function countSpelled(pattern: Pattern): number {
  return pattern.reduce((product, token) => product * countOf(token), 1);
}

function* spellToken(token: Token): Iterable<string> {
  if (token.kind === 'text') yield token.text;
  if (token.kind === 'choice') yield* token.texts;
  if (token.kind !== 'numbers') return;
  for (const { from, to, width } of token.ranges) {
    for (let number = from; number <= to; number++) yield String(number).padStart(width, '0');
  }
}

/** The words that a pattern without wildcards means, in their order. */
export function spellOut(pattern: Pattern): string[] {
  return pattern.reduce<string[]>(
    (words, token) => {
      if (token.kind === 'text') return words.map((word) => word + token.text);
      const ends = [...spellToken(token)];
      return words.flatMap((word) => ends.map((end) => word + end));
    },
    [''],
  );
}

function isInRanges(digits: string, ranges: readonly Range[]): boolean {
  const number = Number(digits);
  return ranges.some(
    ({ from, to, width }) =>
      number >= from && number <= to && digits === String(number).padStart(width, '0'),
  );
}

/** The places in `text` where a token that begins at `at` can end. */
function* endsOf(token: Token, text: string, at: number): Iterable<number> {
  switch (token.kind) {
    case 'text':
      if (text.startsWith(token.text, at)) yield at + token.text.length;
      return;
    case 'choice':
      for (const each of token.texts) if (text.startsWith(each, at)) yield at + each.length;
      return;
    case 'any':
      for (let end = at; end <= text.length; end++) yield end;
      return;
    case 'one':
      if (at < text.length) yield at + 1;
      return;
    case 'set': {
      const character = text[at];
      if (character === undefined) return;
      const isMember = token.pairs.some(
        (pair) => character >= pair.charAt(0) && character <= pair.charAt(1),
      );
      if (isMember !== token.isNegated) yield at + 1;
      return;
    }
    case 'numbers':
      for (let end = at + 1; end <= at + DIGITS_MAX && /\d/.test(text[end - 1] ?? ''); end++) {
        if (isInRanges(text.slice(at, end), token.ranges)) yield end;
      }
  }
}

/**
 * Whether all of `text` matches. The places reached so far go on together, token by token: no
 * pattern takes more than its tokens times the square of the text's length (Thompson, 1968).
 */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const [first] = pattern;
  if (first?.kind === 'text' && !text.startsWith(first.text)) return false;
  let reached = new Set([0]);
  for (const [place, token] of pattern.entries()) {
    if (token.kind === 'any' && place === pattern.length - 1) return true;
    const next = new Set<number>();
    for (const at of reached) for (const end of endsOf(token, text, at)) next.add(end);
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(text.length);
}
