/** Before many are touched: that they are as many as expected, and that somebody means it. */
import { createInterface } from 'node:readline/promises';
import { escapeLine } from '../base/escape.ts';
import { DagentError } from '../protocol/errors.ts';
import { EXEC_CONFIRM_COUNT } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';

export interface Guard {
  readonly expectCount: number | undefined;
  /** Nobody is asked. */
  readonly isSure: boolean;
}

/** The question is as long as this at most: it names some of the targets. */
const SAMPLE_LENGTH = 200;

/**
 * Whether somebody must be asked. Throws E_TARGET_COUNT.
 */
export function mustAsk(count: number, { expectCount, isSure }: Guard): boolean {
  if (expectCount !== undefined && expectCount !== count) {
    throw new DagentError('E_TARGET_COUNT', { count, expected: expectCount });
  }
  return count > EXEC_CONFIRM_COUNT && !isSure && expectCount === undefined;
}

/** The question, and whether an answer to it means yes: the number must be typed. */
export function formatQuestion(names: readonly string[]): string {
  const folded = escapeLine(foldNames(names));
  const sample = folded.length > SAMPLE_LENGTH ? `${folded.slice(0, SAMPLE_LENGTH)}...` : folded;
  return `this runs on ${names.length} targets: ${sample}\ntype their number to go on: `;
}

export interface Keyboard {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** One line from a terminal; undefined for Ctrl-D, which ends it. Throws E_INTERRUPTED. */
async function ask({ input, output }: Keyboard, question: string): Promise<string | undefined> {
  const terminal = createInterface({ input, output, terminal: true });
  let isInterrupted = false;
  // Without a listener readline ends with the same error for Ctrl-C and for Ctrl-D.
  terminal.on('SIGINT', () => {
    isInterrupted = true;
    terminal.close();
  });
  const closed = new Promise<undefined>((resolve) => {
    terminal.once('close', () => resolve(undefined));
  });
  // The answer of a terminal that is closed never comes, or is an error that says no more.
  const answered = terminal.question(question).catch(() => undefined);
  const answer = await Promise.race([answered, closed]);
  terminal.close();
  if (answer === undefined) output.write('\n');
  if (isInterrupted) throw new DagentError('E_INTERRUPTED', {});
  return answer;
}

/**
 * Asks on the terminal if there is cause. Throws E_TARGET_COUNT, E_NOT_CONFIRMED, E_DECLINED,
 * E_INTERRUPTED.
 */
export async function confirmTargets(
  names: readonly string[],
  guard: Guard,
  keyboard: Keyboard = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const count = names.length;
  if (!mustAsk(count, guard)) return;
  if (keyboard.input.isTTY !== true) throw new DagentError('E_NOT_CONFIRMED', { count });
  const answer = await ask(keyboard, formatQuestion(names));
  if (answer?.trim() !== String(count)) throw new DagentError('E_DECLINED', {});
}
