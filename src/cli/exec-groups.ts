/**
 * Targets that ended alike: with one verdict, one code, the same output to the byte. The largest
 * group is told first, so that the odd ones stand last, next to the prompt.
 */
import { escapeLine } from '../base/escape.ts';
import { naturalKey } from '../base/natural.ts';
import type { ExecResult } from '../protocol/exec.ts';
import { foldNames } from '../protocol/node-set.ts';
import { Capture, type Captured, type CaptureOptions, isSilent, replay } from './exec-capture.ts';
import { formatDiff } from './exec-diff.ts';
import { type ExecOutput, encodeText, labelledOutput, type Write } from './exec-output.ts';

/** One group; `captured` is what each of them wrote. */
export interface OutputGroup {
  readonly names: readonly string[];
  readonly result: ExecResult;
  readonly captured: Captured;
}

export type PrintGroups = (groups: readonly OutputGroup[], count: number) => void;

function keyOf({ verdict, code, signal }: ExecResult, { stdout, stderr }: Captured): string {
  return [verdict, code, signal, stdout.hash, stderr.hash].join(' ');
}

/** The largest first; of equal ones the one with the first name. */
function inOrder(groups: Iterable<OutputGroup>): OutputGroup[] {
  const first = ({ names }: OutputGroup): string => naturalKey(names[0] ?? '');
  return Array.from(groups).sort(
    (a, b) => b.names.length - a.names.length || (first(a) < first(b) ? -1 : 1),
  );
}

/** Collects groups, and prints them when all targets have ended. Each group is kept once. */
export function groupedOutput(options: CaptureOptions, print: PrintGroups): ExecOutput {
  const captures = new Map<string, Capture>();
  const groups = new Map<string, OutputGroup & { names: string[] }>();
  let count = 0;
  const finish = (target: string, result: ExecResult): void => {
    const captured = (captures.get(target) ?? new Capture(target, options)).end();
    captures.delete(target);
    count += 1;
    const key = keyOf(result, captured);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [target], result, captured });
    else group.names.push(target);
  };
  return {
    sink(target) {
      const capture = new Capture(target, options);
      captures.set(target, capture);
      return capture;
    },
    finish,
    end: () => print(inOrder(groups.values()), count),
  };
}

/** `failed 3`, `signaled SIGKILL`, `ok`. */
function describeEnd({ verdict, code, signal }: ExecResult): string {
  const detail = verdict === 'failed' ? code : verdict === 'signaled' ? signal : undefined;
  return detail === undefined ? verdict : `${verdict} ${detail}`;
}

export interface GroupPrinting {
  readonly write: Write;
  readonly isEscaped: (channel: 'stdout' | 'stderr') => boolean;
  /** Groups that wrote nothing are left out. */
  readonly hidesEmpty: boolean;
  /** Of all but the first, only what is different is shown. */
  readonly isDiff: boolean;
}

const nothing = (): void => undefined;

/** Prints groups for people: a line that says who and how, then what they wrote. */
export function printGroups(how: GroupPrinting): PrintGroups {
  const { write, isEscaped, hidesEmpty, isDiff } = how;
  const label = (names: string, channel: 'stdout' | 'stderr'): string =>
    channel === 'stdout' ? '' : `${names} ! `;
  const body = labelledOutput(write, label, isEscaped);
  return (groups, count) => {
    const [largest] = groups;
    for (const group of groups) {
      if (hidesEmpty && isSilent(group.captured)) continue;
      const names = escapeLine(foldNames(group.names));
      const size = `(${group.names.length} of ${count})`;
      const heading = `---- ${names} ${size} ${describeEnd(group.result)}\n`;
      write('stdout', Buffer.from(heading), nothing);
      const sink = body.sink(names);
      if (isDiff && largest !== undefined && group !== largest) {
        const before = foldNames(largest.names);
        const text = formatDiff(largest.captured, group.captured, { before, after: names });
        sink.onOutput('stdout', Buffer.from(text), nothing);
      } else {
        replay(group.captured, sink);
      }
      body.finish(names, group.result);
    }
  };
}

/** Prints groups as records, `{type: 'group', targets, count, stdout, stderr, ...}`. */
export function recordGroups(write: Write, nowMs: () => number, hidesEmpty: boolean): PrintGroups {
  return (groups) => {
    for (const { names, result, captured } of groups) {
      if (hidesEmpty && isSilent(captured)) continue;
      const { verdict, code, signal } = result;
      const t = new Date(nowMs()).toISOString();
      const who = { targets: foldNames(names), count: names.length };
      const record = { v: 1, t, type: 'group', ...who, verdict, code, signal };
      const text = { stdout: encodeStream(captured.stdout), stderr: encodeStream(captured.stderr) };
      write('stdout', Buffer.from(`${JSON.stringify({ ...record, ...text })}\n`), nothing);
    }
  };
}

function encodeStream({ head, omittedBytes, tail }: Captured['stdout']): object {
  if (omittedBytes === 0) return encodeText(Buffer.concat([head, tail]));
  return { head: encodeText(head), omittedBytes, tail: encodeText(tail) };
}
