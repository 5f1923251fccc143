/**
 * A small language that says which records are wanted: `to=web* and not kind=credit and size>10k`.
 *
 *     either  = all { "or" all }            all  = one { ["and"] one }
 *     one     = "not" one | "(" either ")" | FIELD OPERATOR VALUE
 *
 * `=` and `!=` take a pattern with `*` and `?` for texts; numbers have `>`, `>=`, `<`, `<=` as well
 * and may end in k, M or G (times 1024). A value with spaces or parentheses stands in quotes.
 */
import { matchesGlob } from '../base/glob.ts';
import { DagentError } from './errors.ts';
import { EXPRESSION_LENGTH_MAX } from './limits.ts';

/** The fields that may be asked for. */
export type Fields = Readonly<Record<string, 'text' | 'number'>>;
/** A value of a field; a list matches when one of it does; undefined: it has none. */
export type FieldValue = string | number | readonly string[] | undefined;
/** Tells the value of a field of one record. Asked only for fields that matter. */
export type Look = (field: string) => FieldValue;
/** Whether a record is wanted. */
export type Filter = (look: Look) => boolean;

const FACTORS: Readonly<Record<string, number>> = { k: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const BLANK = /\s*/y;
const PARENTHESIS = /[()]/y;
const KEYWORD = /(and|or|not)(?=[\s()]|$)/iy;
const FIELD = /[A-Za-z][A-Za-z0-9-]*/y;
const OPERATOR = /!=|>=|<=|=|>|</y;
const QUOTED = /"([^"]*)"/y;
const BARE = /[^\s()"]+/y;

function compare(operator: string, wanted: number): (value: number) => boolean {
  switch (operator) {
    case '>':
      return (value) => value > wanted;
    case '>=':
      return (value) => value >= wanted;
    case '<':
      return (value) => value < wanted;
    case '<=':
      return (value) => value <= wanted;
    case '!=':
      return (value) => value !== wanted;
    default:
      return (value) => value === wanted;
  }
}

function textFilter(field: string, operator: string, pattern: string): Filter {
  const isWanted = (value: FieldValue): boolean => {
    if (value === undefined) return false;
    if (typeof value !== 'object') return matchesGlob(pattern, String(value));
    return value.some((each) => matchesGlob(pattern, each));
  };
  return operator === '=' ? (look) => isWanted(look(field)) : (look) => !isWanted(look(field));
}

function numberFilter(field: string, operator: string, wanted: number): Filter {
  const isWanted = compare(operator, wanted);
  return (look) => {
    const value = look(field);
    return typeof value === 'number' ? isWanted(value) : operator === '!=';
  };
}

class Parser {
  readonly #text: string;
  readonly #fields: Fields;
  #at = 0;

  constructor(text: string, fields: Fields) {
    this.#text = text;
    this.#fields = fields;
  }

  #fail(reason: string): never {
    const fields = Object.keys(this.#fields).join(', ');
    const near = this.#text.slice(this.#at, this.#at + 20);
    const where = near === '' ? 'at its end' : `before "${near}"`;
    throw new DagentError('E_EXPRESSION_INVALID', { reason: `${reason} ${where}`, fields });
  }

  /** Takes what `pattern` matches here, after blanks. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    BLANK.lastIndex = this.#at;
    BLANK.exec(this.#text);
    pattern.lastIndex = BLANK.lastIndex;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match;
  }

  /** Takes a word or a parenthesis if it is this one. */
  #takeWord(word: string): boolean {
    const before = this.#at;
    const match = this.#take(KEYWORD) ?? this.#take(PARENTHESIS);
    if (match?.[0].toLowerCase() === word) return true;
    this.#at = before;
    return false;
  }

  #isAtEnd(): boolean {
    return this.#text.slice(this.#at).trim() === '';
  }

  parse(): Filter {
    const filter = this.#either();
    if (!this.#isAtEnd()) this.#fail('a test is expected');
    return filter;
  }

  #either(): Filter {
    const parts = [this.#all()];
    while (this.#takeWord('or')) parts.push(this.#all());
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    return (look) => parts.some((part) => part(look));
  }

  #all(): Filter {
    const parts = [this.#one()];
    for (;;) {
      const before = this.#at;
      const isJoined = this.#takeWord('and');
      if (!isJoined && (this.#isAtEnd() || this.#takeWord('or') || this.#takeWord(')'))) {
        this.#at = before;
        break;
      }
      parts.push(this.#one());
    }
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    return (look) => parts.every((part) => part(look));
  }

  #one(): Filter {
    if (this.#takeWord('not')) {
      const filter = this.#one();
      return (look) => !filter(look);
    }
    if (!this.#takeWord('(')) return this.#test();
    const filter = this.#either();
    if (!this.#takeWord(')')) this.#fail('a ) is missing');
    return filter;
  }

  #test(): Filter {
    const before = this.#at;
    const field = this.#take(FIELD)?.[0] ?? this.#fail('a test such as FIELD=VALUE is expected');
    const kind = Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined;
    if (kind === undefined) {
      this.#at = before;
      this.#fail(`there is no field ${field}`);
    }
    const operator = this.#take(OPERATOR)?.[0] ?? this.#fail(`${field} needs =, != or another`);
    const value = this.#value();
    if (kind === 'number') return numberFilter(field, operator, this.#number(value));
    if (operator !== '=' && operator !== '!=') this.#fail(`${field} is a text: use = or !=`);
    return textFilter(field, operator, value);
  }

  #value(): string {
    return this.#take(QUOTED)?.[1] ?? this.#take(BARE)?.[0] ?? this.#fail('a value is missing');
  }

  #number(text: string): number {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? [];
    return digits === undefined
      ? this.#fail(`${text} is no number`)
      : Number(digits) * (FACTORS[unit] ?? 1);
  }
}

/**
 * The filter that a text says; an empty one wants all. Throws E_EXPRESSION_INVALID, which names the
 * fields that there are.
 */
export function parseExpression(text: string, fields: Fields): Filter {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    const reason = `it has ${text.length} characters, at most ${EXPRESSION_LENGTH_MAX} are allowed`;
    throw new DagentError('E_EXPRESSION_INVALID', {
      reason,
      fields: Object.keys(fields).join(', '),
    });
  }
  return text.trim() === '' ? () => true : new Parser(text, fields).parse();
}
