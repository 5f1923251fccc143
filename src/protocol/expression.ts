/**
 * A small language that says which records are wanted: `to=web* and not kind=credit and size>10k`.
 *
 * `=` and `!=` take a pattern with `*` and `?` for texts; numbers have `>`, `>=`, `<`, `<=` as well
 * and may end in k, M or G (times 1024). The grammar is that of expression-parser.ts.
 */
import { assertNever } from '../base/assert.ts';
import { matchesGlob } from '../base/glob.ts';
import { DagentError } from './errors.ts';
import {
  type Expression,
  type ExpressionTest,
  type Operator,
  type Refuse,
  readExpression,
} from './expression-parser.ts';
import { EXPRESSION_LENGTH_MAX } from './limits.ts';
import { findSimilar } from './similar.ts';

/** A text that is always one of these: another one, unless it is a pattern, is a mistake. */
export type Words = readonly string[];
/** The fields that may be asked for. */
export type Fields = Readonly<Record<string, 'text' | 'number' | Words>>;
/** A value of a field; a list matches when one of it does; undefined: it has none. */
export type FieldValue = string | number | readonly string[] | undefined;
/** Tells the value of a field of one record. Asked only for fields that matter. */
export type Look = (field: string) => FieldValue;
/** Whether a record is wanted. */
export type Filter = (look: Look) => boolean;

const FACTORS: Readonly<Record<string, number>> = { k: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Whether `value` is on the side of `wanted` that the operator says. */
export function compareNumbers(operator: Operator, value: number, wanted: number): boolean {
  switch (operator) {
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '!=':
      return value !== wanted;
    case '=':
      return value === wanted;
    default:
      return assertNever(operator);
  }
}

function textFilter({ field, operator, value: pattern }: ExpressionTest): Filter {
  const isWanted = (value: FieldValue): boolean => {
    if (value === undefined) return false;
    if (typeof value !== 'object') return matchesGlob(pattern, String(value));
    return value.some((each) => matchesGlob(pattern, each));
  };
  return operator === '=' ? (look) => isWanted(look(field)) : (look) => !isWanted(look(field));
}

function numberFilter({ field, operator }: ExpressionTest, wanted: number): Filter {
  return (look) => {
    const value = look(field);
    return typeof value === 'number' ? compareNumbers(operator, value, wanted) : operator === '!=';
  };
}

function readNumber(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (FACTORS[unit] ?? 1);
}

function checkWord({ field, value, endAt }: ExpressionTest, words: Words, refuse: Refuse): void {
  if (words.includes(value) || /[*?]/.test(value)) return;
  const similar = findSimilar(value, words);
  const hint = similar.length === 0 ? '' : ` (did you mean ${similar.join(', ')}?)`;
  refuse(endAt, `there is no ${field} ${value}${hint}`);
}

function testFilter(test: ExpressionTest, fields: Fields, refuse: Refuse): Filter {
  const { field, operator, operatorAt, value, endAt } = test;
  if (fields[field] === 'number') {
    const needed = `${field}${operator} needs a number: "${value}" stands`;
    return numberFilter(test, readNumber(value) ?? refuse(endAt, needed));
  }
  if (operator !== '=' && operator !== '!=') {
    refuse(operatorAt, `${field} is a text: = or != is expected`);
  }
  const words = fields[field];
  if (typeof words === 'object') checkWord(test, words, refuse);
  return textFilter(test);
}

function toFilter(expression: Expression, fields: Fields, refuse: Refuse): Filter {
  switch (expression.kind) {
    case 'test':
      return testFilter(expression, fields, refuse);
    case 'not': {
      const filter = toFilter(expression.part, fields, refuse);
      return (look) => !filter(look);
    }
    default: {
      const parts = expression.parts.map((part) => toFilter(part, fields, refuse));
      return expression.kind === 'both'
        ? (look) => parts.every((part) => part(look))
        : (look) => parts.some((part) => part(look));
    }
  }
}

/**
 * The filter that a text says; an empty one wants all. Throws E_EXPRESSION_INVALID, which names the
 * fields that there are.
 */
export function parseExpression(text: string, fields: Fields): Filter {
  const names = Object.keys(fields).join(', ');
  if (text.length > EXPRESSION_LENGTH_MAX) {
    const reason = `it has ${text.length} characters, at most ${EXPRESSION_LENGTH_MAX} are allowed`;
    throw new DagentError('E_EXPRESSION_INVALID', { reason, fields: names });
  }
  if (text.trim() === '') return () => true;
  const refuse: Refuse = (at, reason) => {
    const near = text.slice(at, at + 20);
    const where = near === '' ? 'at its end' : `before "${near}"`;
    throw new DagentError('E_EXPRESSION_INVALID', { reason: `${reason} ${where}`, fields: names });
  };
  const hasField = (field: string): boolean => Object.hasOwn(fields, field);
  return toFilter(readExpression(text, { hasField, refuse }), fields, refuse);
}
