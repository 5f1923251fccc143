/**
 * The grammar of expressions, as data; what its fields and values are is for others to say.
 *
 *     either  = all { "or" all }            all  = one { ["and"] one }
 *     one     = "not" one | "(" either ")" | FIELD OPERATOR VALUE
 *
 * A value with spaces or parentheses stands in quotes.
 */
export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=';

export interface ExpressionTest {
  readonly kind: 'test';
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
  /** Where the field, the operator, and what follows the value begin in the text. */
  readonly fieldAt: number;
  readonly operatorAt: number;
  readonly endAt: number;
}

export type Expression =
  | ExpressionTest
  | { readonly kind: 'either' | 'both'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression };

/** Refuses the text at a character of it. */
export type Refuse = (at: number, reason: string) => never;

export interface Language {
  /** Whether there is such a field; else it is refused. */
  hasField(field: string): boolean;
  readonly refuse: Refuse;
}

const BLANK = /\s*/y;
const PARENTHESIS = /[()]/y;
const KEYWORD = /(and|or|not)(?=[\s()]|$)/iy;
const FIELD = /[A-Za-z][^\s()"=!<>]*/y;
const OPERATOR = /!=|>=|<=|=|>|</y;
const QUOTED = /"([^"]*)"/y;
const BARE = /[^\s()"]+/y;

class Parser {
  readonly #text: string;
  readonly #language: Language;
  #at = 0;

  constructor(text: string, language: Language) {
    this.#text = text;
    this.#language = language;
  }

  #fail(reason: string): never {
    return this.#language.refuse(this.#at, reason);
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

  parse(): Expression {
    const expression = this.#either();
    if (!this.#isAtEnd()) this.#fail('a test is expected');
    return expression;
  }

  #either(): Expression {
    const parts = [this.#all()];
    while (this.#takeWord('or')) parts.push(this.#all());
    const [only] = parts;
    return only !== undefined && parts.length === 1 ? only : { kind: 'either', parts };
  }

  #all(): Expression {
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
    return only !== undefined && parts.length === 1 ? only : { kind: 'both', parts };
  }

  #one(): Expression {
    if (this.#takeWord('not')) return { kind: 'not', part: this.#one() };
    if (!this.#takeWord('(')) return this.#test();
    const expression = this.#either();
    if (!this.#takeWord(')')) this.#fail('a ) is missing');
    return expression;
  }

  #test(): ExpressionTest {
    const before = this.#at;
    const found = this.#take(FIELD) ?? this.#fail('a test such as FIELD=VALUE is expected');
    const [field] = found;
    if (!this.#language.hasField(field)) {
      this.#at = before;
      this.#fail(`there is no field ${field}`);
    }
    const sign = this.#take(OPERATOR) ?? this.#fail(`${field} needs =, != or another`);
    const value = this.#value();
    const places = { fieldAt: found.index, operatorAt: sign.index, endAt: this.#at };
    return { kind: 'test', field, operator: sign[0] as Operator, value, ...places };
  }

  #value(): string {
    return this.#take(QUOTED)?.[1] ?? this.#take(BARE)?.[0] ?? this.#fail('a value is missing');
  }
}

/** The expression in a text that is not blank. Throws what `language` refuses it with. */
export function readExpression(text: string, language: Language): Expression {
  return new Parser(text, language).parse();
}
