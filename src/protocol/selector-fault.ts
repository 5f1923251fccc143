/** What is wrong with a selector, and where in it. */
import { DagentError } from './errors.ts';

/** Characters of a selector that are shown around the place; the rest is cut off. */
const SHOWN_LENGTH = 60;

/** The part of `text` around `at`, with a caret below that place. */
export function point(text: string, at: number): string {
  const from = Math.max(0, Math.min(at - SHOWN_LENGTH / 2, text.length - SHOWN_LENGTH));
  const to = Math.min(text.length, from + SHOWN_LENGTH);
  const head = from > 0 ? '...' : '';
  const tail = to < text.length ? '...' : '';
  const shown = text.slice(from, to).replace(/\s/g, ' ');
  return `${head}${shown}${tail}\n  ${' '.repeat(head.length + at - from)}^`;
}

/** The error for a selector that makes no sense at the character `at`. */
export function selectorFault(text: string, at: number, reason: string): DagentError {
  return new DagentError('E_SELECTOR', { reason, place: point(text, at) });
}
