/**
 * How far calls are: one line on a terminal, which output pushes aside; else a line for each word.
 */
import { escapeLine } from '../base/escape.ts';
import type { ProgressReport } from '../client/index.ts';

const CLEAR = '\r\x1b[K';
/** What is shown of details. */
const DETAILS_LENGTH_MAX = 200;

/** `web1:greeter  2/10  20%  copying a`. */
function formatReport(target: string, report: ProgressReport): string {
  const { total, completed, details } = report;
  const parts = [escapeLine(target)];
  if (completed !== null) parts.push(total === null ? `${completed}` : `${completed}/${total}`);
  if (completed !== null && total !== null && total > 0) {
    parts.push(`${Math.floor((100 * Math.min(completed, total)) / total)}%`);
  }
  if (details !== null) {
    const text = typeof details === 'string' ? details : JSON.stringify(details);
    parts.push(escapeLine(text.slice(0, DETAILS_LENGTH_MAX)));
  }
  return parts.join('  ');
}

export interface CallProgress {
  show(target: string, report: ProgressReport): void;
  /** Takes the line away: something else is to be written. */
  clear(): void;
}

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** On a terminal by itself; elsewhere when `isWanted`. */
export function createCallProgress(stderr: Terminal, isWanted: boolean): CallProgress {
  if (stderr.isTTY !== true) {
    return {
      show: (target, report) => isWanted && stderr.write(`${formatReport(target, report)}\n`),
      clear: () => undefined,
    };
  }
  let isShown = false;
  return {
    show(target, report): void {
      const line = formatReport(target, report).slice(0, Math.max(1, (stderr.columns ?? 80) - 1));
      stderr.write(`${CLEAR}${line}`);
      isShown = true;
    },
    clear(): void {
      if (isShown) stderr.write(CLEAR);
      isShown = false;
    },
  };
}
