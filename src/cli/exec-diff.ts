/** How one output differs from another, as `diff -u` shows it. */
import { diff } from 'node:util';
import { EXEC_DIFF_LINES_MAX } from '../protocol/limits.ts';
import type { Captured, KeptStream } from './exec-capture.ts';
import { CHANNEL_NAMES, type ChannelName } from './exec-output.ts';

/** Lines that are shown around those that differ. */
const CONTEXT_COUNT = 3;

type Line = { readonly mark: ' ' | '+' | '-'; readonly text: string };

/** The lines of what was kept; undefined when it is not whole, or too long to compare. */
function linesOf({ head, omittedBytes, tail }: KeptStream): string[] | undefined {
  const lines = Buffer.concat([head, tail]).toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return omittedBytes > 0 || lines.length > EXEC_DIFF_LINES_MAX ? undefined : lines;
}

/** Both in one, by Myers's algorithm ("An O(ND) Difference Algorithm", 1986), which Node has. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  return diff([...before], [...after]).map(([operation, text]) => {
    return { mark: operation === 0 ? ' ' : operation > 0 ? '-' : '+', text };
  });
}

/** Places from which on lines are shown, and where that ends: those that differ, with context. */
function findHunks(lines: readonly Line[]): [number, number][] {
  const hunks: [number, number][] = [];
  for (const [at, { mark }] of lines.entries()) {
    if (mark === ' ') continue;
    const last = hunks.at(-1);
    const start = Math.max(0, at - CONTEXT_COUNT);
    const end = Math.min(lines.length, at + CONTEXT_COUNT + 1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else hunks.push([start, end]);
  }
  return hunks;
}

/** `@@ -1,4 +1,5 @@`, the place of a hunk in both. */
function formatPlace(lines: readonly Line[], [start, end]: readonly [number, number]): string {
  const side = (other: '+' | '-'): string => {
    const isMine = ({ mark }: Line): boolean => mark !== other;
    const before = lines.slice(0, start).filter(isMine).length;
    const count = lines.slice(start, end).filter(isMine).length;
    return `${count === 0 ? before : before + 1},${count}`;
  };
  return `@@ -${side('+')} +${side('-')} @@`;
}

/** The lines of a stream that differ; none when it is the same. */
function diffStream(before: KeptStream, after: KeptStream): string[] {
  if (before.hash === after.hash) return [];
  const [old, young] = [linesOf(before), linesOf(after)];
  if (old === undefined || young === undefined) {
    return [`different, and too long to compare (${EXEC_DIFF_LINES_MAX} lines at most)`];
  }
  const lines = compare(old, young);
  const hunks = findHunks(lines);
  // The same lines: the one ends its last line, and the other does not.
  if (hunks.length === 0) return ['different in the end of the last line'];
  return hunks.flatMap((hunk) => [
    formatPlace(lines, hunk),
    ...lines.slice(...hunk).map(({ mark, text }) => `${mark}${text}`),
  ]);
}

export interface DiffNames {
  readonly before: string;
  readonly after: string;
}

/** What `after` wrote otherwise than `before`: a unified diff for each of the streams. */
export function formatDiff(before: Captured, after: Captured, names: DiffNames): string {
  const part = (channel: ChannelName): string[] => {
    const lines = diffStream(before[channel], after[channel]);
    if (lines.length === 0) return [];
    const suffix = channel === 'stdout' ? '' : ' (stderr)';
    return [`--- ${names.before}${suffix}`, `+++ ${names.after}${suffix}`, ...lines];
  };
  const lines = CHANNEL_NAMES.flatMap(part);
  return lines.length === 0 ? 'the same output\n' : `${lines.join('\n')}\n`;
}
