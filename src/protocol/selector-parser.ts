/**
 * Reading selectors: the text by which people say which nodes they mean. docs/TARGETS.md has every
 * form.
 *
 *     either = both {"or" both}
 *     both   = not {"and" not}
 *     not    = "not" not | list
 *     list   = part {"," part} [","]           a comma binds closest: it is a list of names
 *     part   = word | "(" either ")"
 */
import { isNodeName } from './address.ts';
import { VERDICTS } from './exec.ts';
import { SELECTOR_DEPTH_MAX, SELECTOR_NAMES_MAX } from './limits.ts';
import {
  countSpelled,
  findClosing,
  isSpelledOut,
  type Pattern,
  parsePattern,
  spellOut,
} from './pattern.ts';
import { ROLES } from './record.ts';
import { eitherOf, FIELDS, type Field, RESERVED, type Selector, type Term } from './selector.ts';
import { selectorFault } from './selector-fault.ts';
import { findSimilar } from './similar.ts';

/** What a field can be where it is one of few. */
const VALUES: Partial<Record<Field, readonly string[]>> = { role: ROLES, state: ['up', 'lost'] };
const LAST = '@last';
/** Ends of a run that `@last:` takes: the verdicts, and `failed` for all that are not ok. */
const LAST_ENDS: readonly string[] = VERDICTS;

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #nameCount = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #fail(at: number, reason: string): never {
    throw selectorFault(this.#text, at, reason);
  }

  /** The character that comes next, white space apart; '' at the end. */
  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  /** Where the word that comes next ends: brackets and braces hold what else would end it. */
  #endOfWord(): number {
    let at = this.#at;
    for (; at < this.#text.length; at++) {
      const character = this.#text[at] ?? '';
      if (character === '[' || character === '{') at = findClosing(this.#text, at);
      else if (/[\s(),]/.test(character)) break;
    }
    return at;
  }

  /** Takes the word that comes next if it is `word`. */
  #take(word: string): boolean {
    this.#peek();
    const end = this.#endOfWord();
    if (this.#text.slice(this.#at, end).toLowerCase() !== word) return false;
    this.#at = end;
    return true;
  }

  parse(): Selector {
    if (this.#peek() === '') this.#fail(0, 'it is empty');
    const selector = this.#either();
    const next = this.#peek();
    if (next === ')') this.#fail(this.#at, 'there is no ( to this )');
    if (next !== '') this.#fail(this.#at, 'a comma, "and" or "or" is missing here');
    return selector;
  }

  #either(): Selector {
    const parts = [this.#both()];
    while (this.#take('or')) parts.push(this.#both());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : eitherOf(parts);
  }

  #both(): Selector {
    const parts = [this.#not()];
    while (this.#take('and')) parts.push(this.#not());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'both', parts };
  }

  /** Goes one level deeper for what `read` reads. */
  #deeper(read: () => Selector): Selector {
    if (++this.#depth > SELECTOR_DEPTH_MAX) {
      this.#fail(this.#at, `it is nested deeper than ${SELECTOR_DEPTH_MAX}`);
    }
    const selector = read();
    this.#depth--;
    return selector;
  }

  #not(): Selector {
    if (!this.#take('not')) return this.#list();
    return { kind: 'not', part: this.#deeper(() => this.#not()) };
  }

  #list(): Selector {
    const parts = [this.#part()];
    while (this.#peek() === ',') {
      this.#at++;
      if (/^[,)]?$/.test(this.#peek())) break;
      parts.push(this.#part());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : eitherOf(parts);
  }

  #part(): Selector {
    const next = this.#peek();
    if (next !== '(') return this.#word();
    const opened = this.#at++;
    const selector = this.#deeper(() => this.#either());
    if (this.#peek() !== ')') {
      const isEnd = this.#at === this.#text.length;
      this.#fail(isEnd ? opened : this.#at, isEnd ? 'this ( is not closed' : 'a ) is missing here');
    }
    this.#at++;
    return selector;
  }

  #word(): Term {
    const from = this.#at;
    const to = this.#endOfWord();
    const word = this.#text.slice(from, to);
    if (word === '') this.#fail(from, 'a name or a condition is missing here');
    if (RESERVED.test(word)) {
      const advice = /not/i.test(word)
        ? 'put it in parentheses here'
        : 'it has nothing to join here';
      this.#fail(from, `${word}: ${advice}; a node of that name is name=${word}`);
    }
    this.#at = to;
    if (word.startsWith('@')) return this.#last(word, from);
    const key = /^([^[{*?=:]*)([=:])/.exec(word);
    if (key === null) return this.#name(word, from, from);
    const [, name = '', sign] = key;
    const valueAt = from + name.length + 1;
    if (sign === '=') return this.#condition(word, name, valueAt);
    if (name === 'label') return this.#label(word, valueAt);
    // An address: the built-in service of the node.
    if (name !== 'under' && valueAt === to && isNodeName(name)) {
      return { kind: 'names', names: this.#spell(parsePattern(this.#text, from, to - 1), from) };
    }
    if (name !== 'under') {
      const reason = `"${name}:" is not known: write under:NODE, label:NAME=VALUE, or a name`;
      this.#fail(from, reason);
    }
    if (valueAt === to) this.#fail(valueAt, 'the name of a node is missing here');
    return { kind: 'under', text: word, pattern: parsePattern(this.#text, valueAt, to) };
  }

  #last(text: string, from: number): Term {
    const [name, verdict = ''] = text.split(/:(.*)/s);
    if (name !== LAST) this.#fail(from, `"${name}" is not known: there is ${LAST}`);
    if (text !== LAST && !LAST_ENDS.includes(verdict)) {
      const known = LAST_ENDS.join(', ');
      this.#fail(from + LAST.length + 1, `a run ends with one of ${known}`);
    }
    return { kind: 'last', text, verdict };
  }

  /** The names, or the pattern of names, that begin at `valueAt` in the word at `from`. */
  #name(text: string, from: number, valueAt: number): Term {
    const pattern = parsePattern(this.#text, valueAt, this.#at);
    if (isSpelledOut(pattern)) return { kind: 'names', names: this.#spell(pattern, valueAt) };
    const isPlain = pattern.every((token) => token.kind !== 'text' || /^[\w.-]*$/.test(token.text));
    if (!isPlain) this.#fail(from, 'names have letters, digits, ".", "_" and "-"');
    return { kind: 'field', text, field: 'name', pattern };
  }

  #spell(pattern: Pattern, at: number): string[] {
    this.#nameCount += countSpelled(pattern);
    if (this.#nameCount > SELECTOR_NAMES_MAX) {
      this.#fail(at, `it names more than ${SELECTOR_NAMES_MAX} nodes`);
    }
    const names = spellOut(pattern);
    const odd = names.find((name) => !isNodeName(name));
    if (odd !== undefined) this.#fail(at, `${odd === '' ? '""' : odd} cannot be a name`);
    return names;
  }

  #condition(text: string, key: string, valueAt: number): Term {
    if (key === 'name') return this.#name(text, valueAt, valueAt);
    if (!isField(key)) return this.#labelled(text, key, valueAt);
    const pattern = parsePattern(this.#text, valueAt, this.#at);
    const allowed = VALUES[key];
    if (allowed !== undefined && isSpelledOut(pattern)) {
      const odd = spellOut(pattern).find((value) => !allowed.includes(value));
      const known = allowed.join(', ');
      if (odd !== undefined)
        this.#fail(valueAt, `${key} is one of ${known}${suggest(odd, allowed)}`);
    }
    return { kind: 'field', text, field: key, pattern };
  }

  #label(text: string, at: number): Term {
    const equals = this.#text.indexOf('=', at);
    if (equals < 0 || equals >= this.#at) this.#fail(at, 'write label:NAME=VALUE');
    return this.#labelled(text, this.#text.slice(at, equals), equals + 1);
  }

  #labelled(text: string, label: string, valueAt: number): Term {
    const at = valueAt - label.length - 1;
    if (!isNodeName(label)) this.#fail(at, 'the name of a label is missing here, or cannot be one');
    return { kind: 'label', text, label, pattern: parsePattern(this.#text, valueAt, this.#at) };
  }
}

function isField(key: string): key is Field {
  return (FIELDS as readonly string[]).includes(key);
}

function suggest(word: string, allowed: readonly string[]): string {
  const [similar] = findSimilar(word, allowed);
  return similar === undefined ? '' : `; did you mean ${similar}`;
}

/** The selector in `text`. Throws E_SELECTOR, with a caret below the place. */
export function parseSelector(text: string): Selector {
  return new Parser(text).parse();
}

/** The names in a text that only lists them: plain ones and node sets. Throws E_SELECTOR. */
export function expandNames(text: string): readonly string[] {
  const selector = isNodeName(text)
    ? ({ kind: 'names', names: [text] } as const)
    : parseSelector(text);
  if (selector.kind === 'names') return selector.names;
  throw selectorFault(text, 0, 'only names and node sets can stand here');
}
