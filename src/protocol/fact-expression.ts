/**
 * Conditions on facts: `memory.total>16Gi and os.id=debian`. A field is the class and the path in
 * it (fact-path.ts); the grammar is that of expression-parser.ts.
 *
 * What is not known is neither true nor false (Kleene, 1938): a host that has no such fact does not
 * meet `os.flavour=x`, and does not meet `not os.flavour=x` either.
 */
import { assertNever } from '../base/assert.ts';
import { parseDurationMs } from '../base/duration.ts';
import { matchesGlob } from '../base/glob.ts';
import { parseSize } from '../base/size.ts';
import { compareVersions } from '../base/version-order.ts';
import { DagentError } from './errors.ts';
import { compareNumbers } from './expression.ts';
import {
  type Expression,
  type ExpressionTest,
  type Operator,
  readExpression,
} from './expression-parser.ts';
import { type FactValue, findFact } from './fact-path.ts';
import { FACT_CLASSES, FACT_MAPS, type FactClass, isInfoFailure, parseFactClass } from './facts.ts';
import { EXPRESSION_LENGTH_MAX } from './limits.ts';
import { point } from './selector-fault.ts';
import { findSimilar } from './similar.ts';

/** A field that a host does not have, or does not tell, and so could not be judged by. */
export interface UnknownFact {
  readonly field: string;
  readonly reason: string;
  /** What may have been meant. */
  readonly similar: readonly string[];
}

/** Whether a host meets a condition, and what of it could not be judged. */
export interface FactMatch {
  readonly isMet: boolean;
  readonly unknown: readonly UnknownFact[];
}

const PLAIN_NUMBER = /^-?\d+(\.\d+)?%?$/;
const TRUTHS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  false: false,
  no: false,
};

function classOf(field: string): FactClass | undefined {
  return parseFactClass(field.split('.', 1)[0] ?? '');
}

/** The condition in a text. Throws E_WHERE, with a caret below the place. */
export function parseFactExpression(text: string): Expression {
  const refuse = (at: number, reason: string): never => {
    throw new DagentError('E_WHERE', { reason, place: point(text, at) });
  };
  if (text.trim() === '') refuse(0, 'it is empty');
  if (text.length > EXPRESSION_LENGTH_MAX) {
    refuse(EXPRESSION_LENGTH_MAX, `it has more than ${EXPRESSION_LENGTH_MAX} characters`);
  }
  const expression = readExpression(text, { hasField: () => true, refuse });
  for (const { field, fieldAt } of testsOf(expression)) {
    const [word = ''] = field.split('.', 1);
    const known = `a field is CLASS.NAME, with one of ${FACT_CLASSES.join(', ')}`;
    if (classOf(field) === undefined) refuse(fieldAt, `${word} is no class of facts: ${known}`);
    if (field === word) refuse(fieldAt + word.length, `${word} needs a field: ${word}.NAME`);
  }
  return expression;
}

function* testsOf(expression: Expression): Iterable<ExpressionTest> {
  if (expression.kind === 'test') yield expression;
  else if (expression.kind === 'not') yield* testsOf(expression.part);
  else for (const part of expression.parts) yield* testsOf(part);
}

/** The classes whose facts an expression is about. */
export function classesOf(expression: Expression): readonly FactClass[] {
  const classes = Array.from(testsOf(expression), ({ field }) => classOf(field));
  return [...new Set(classes)].filter((each) => each !== undefined);
}

/** The number that `text` means for a field: plain, a part of hundred, a time, or a size. */
function readQuantity(field: string, text: string): number | undefined {
  if (PLAIN_NUMBER.test(text)) return Number(text.replace('%', ''));
  if (!field.endsWith('.seconds')) return parseSize(text);
  const ms = parseDurationMs(text);
  return ms === undefined ? undefined : ms / 1000;
}

/** Whether one value is as it should be; undefined when the two cannot be compared. */
function compareFact(test: ExpressionTest, value: FactValue): boolean | undefined {
  const { field, operator, value: wanted } = test;
  if (typeof value === 'number') {
    const quantity = readQuantity(field, wanted);
    if (quantity !== undefined) return compareNumbers(operator, value, quantity);
  }
  if (operator === '=' || operator === '!=') {
    const isSame =
      typeof value === 'boolean' && Object.hasOwn(TRUTHS, wanted)
        ? value === TRUTHS[wanted]
        : matchesGlob(wanted, String(value));
    return isSame === (operator === '=');
  }
  return typeof value === 'string' ? isOnSide(operator, compareVersions(value, wanted)) : undefined;
}

function isOnSide(operator: Operator, order: number): boolean {
  return compareNumbers(operator, order, 0);
}

class Judging {
  readonly unknown = new Map<string, UnknownFact>();
  readonly #facts: Readonly<Record<string, unknown>>;

  constructor(facts: Readonly<Record<string, unknown>>) {
    this.#facts = facts;
  }

  /** Undefined when it is not known. */
  judge(expression: Expression): boolean | undefined {
    switch (expression.kind) {
      case 'test':
        return this.#judgeTest(expression);
      case 'not': {
        const verdict = this.judge(expression.part);
        return verdict === undefined ? undefined : !verdict;
      }
      case 'both':
        return this.#judgeAll(expression.parts, false);
      case 'either':
        return this.#judgeAll(expression.parts, true);
      default:
        return assertNever(expression);
    }
  }

  /** One part that is `decisive` decides, whatever is not known of the others. */
  #judgeAll(parts: readonly Expression[], decisive: boolean): boolean | undefined {
    const verdicts = parts.map((part) => this.judge(part));
    if (verdicts.includes(decisive)) return decisive;
    return verdicts.includes(undefined) ? undefined : !decisive;
  }

  #missing(field: string, reason: string, similar: readonly string[] = []): undefined {
    this.unknown.set(field, { field, reason, similar });
  }

  #judgeTest(test: ExpressionTest): boolean | undefined {
    const { field, operator, value: wanted } = test;
    const [factClass = '', ...path] = field.split('.');
    const facts = Object.hasOwn(this.#facts, factClass) ? this.#facts[factClass] : undefined;
    if (isInfoFailure(facts)) return this.#missing(field, facts.error.message);
    const found = findFact(facts, path);
    if ('reason' in found && FACT_MAPS.some((map) => field.startsWith(`${map}.`))) {
      return operator === '!=';
    }
    if ('reason' in found) {
      const similar = findSimilar(path.at(-1) ?? '', found.similarIn);
      const parents = field.split('.').slice(0, -1).join('.');
      return this.#missing(
        field,
        found.reason,
        similar.map((each) => `${parents}.${each}`),
      );
    }
    const verdicts = found.values.map((value) => compareFact(test, value));
    if (operator === '!=') return !verdicts.includes(false);
    if (verdicts.includes(true)) return true;
    if (!verdicts.includes(undefined)) return false;
    return this.#missing(field, `it cannot be compared with ${wanted}`);
  }
}

/** Whether facts, by class, meet an expression. */
export function matchFacts(
  expression: Expression,
  facts: Readonly<Record<string, unknown>>,
): FactMatch {
  const judging = new Judging(facts);
  const isMet = judging.judge(expression) === true;
  return { isMet, unknown: [...judging.unknown.values()] };
}

/** A match that came from another node; undefined when it is none. */
export function parseFactMatch(value: unknown): FactMatch | undefined {
  const { isMet, unknown } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof isMet !== 'boolean' || !Array.isArray(unknown)) return undefined;
  const all = unknown.map((each): UnknownFact => {
    const { field, reason, similar } = (each ?? {}) as Readonly<Record<string, unknown>>;
    const words = Array.isArray(similar) ? similar.filter((it) => typeof it === 'string') : [];
    return { field: String(field), reason: String(reason), similar: words };
  });
  return { isMet, unknown: all };
}
