/** The last word on a run over several targets: how many, and who is not fine. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import type { ExecResult, Verdict } from '../protocol/exec.ts';
import { foldNames } from '../protocol/node-set.ts';
import { createMask } from './exec-mask.ts';
import { withoutName } from './own-name.ts';

export interface TargetResult extends ExecResult {
  readonly target: string;
}

/** Verdicts with the number of targets each has. */
export function countVerdicts(results: readonly ExecResult[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

const LIMIT_NAMES = { command: '--timeout', overall: '--overall', connect: '--connect-timeout' };

/** What ended a command before its time, and how much of it: `SIGTERM, 3 processes`. */
export function describeKill({ signal, killed }: ExecResult): string {
  const count = killed === undefined ? [] : [killed === 1 ? '1 process' : `${killed} processes`];
  return [...(signal === undefined || signal === '' ? [] : [signal]), ...count].join(', ');
}

/**
 * Which time was over, how long it ran (`took`), what ended it: `--timeout after 5.0s, SIGTERM`.
 */
export function describeTimeout(result: ExecResult, took = formatDuration(result.ms)): string {
  const { limit, reason } = result;
  const which = limit === undefined ? 'the time was over' : LIMIT_NAMES[limit];
  const how = describeKill(result);
  const parts = [`${which} after ${took}`, ...(how === '' ? [] : [how])];
  return `${parts.join(', ')}${reason === undefined ? '' : `: ${reason}`}`;
}

function describeDetail(result: TargetResult, took?: string): string {
  const { verdict, code, signal } = result;
  // The name stands in front of it.
  const reason = withoutName(result.reason, result.target);
  switch (verdict) {
    case 'failed':
      return String(code ?? reason ?? '');
    case 'timeout':
      return describeTimeout(result, took);
    case 'cancelled':
      return reason ?? describeKill(result);
    default:
      return signal ?? reason ?? '';
  }
}

/** What a target says, for several that say the same: without its own name and time in it. */
function describeAlike(result: TargetResult, took: string): string {
  const mask = createMask([result.target], 'it');
  return mask(Buffer.from(describeDetail(result, took))).toString('utf8');
}

/** How long several ran: `5.0s`, or `532ms to 551ms`. */
function formatTook(group: readonly TargetResult[]): string {
  const times = group.map(({ ms }) => ms).sort((a, b) => a - b);
  const bounds = [times[0] ?? 0, times.at(-1) ?? 0].map(formatDuration);
  return [...new Set(bounds)].join(' to ');
}

/** Targets that are not fine, those that say the same but for names and times on one line. */
function describeOthers(results: readonly TargetResult[]): string[] {
  const groups = Map.groupBy(results, (result) =>
    JSON.stringify([result.verdict, describeAlike(result, '')]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = foldNames(group.map(({ target }) => target));
    const detail =
      group.length === 1 ? describeDetail(first) : describeAlike(first, formatTook(group));
    const words = [first.verdict.padEnd(11), names, ...(detail === '' ? [] : [` ${detail}`])];
    return [`  ${escapeLine(words.join(' '))}`];
  });
}

/** `5 targets: 3 ok, 2 failed`, then who is not ok, and how. */
export function formatSummary(results: readonly TargetResult[]): string {
  const counts = Object.entries(countVerdicts(results)).map(
    ([verdict, count]) => `${count} ${verdict}`,
  );
  const noun = results.length === 1 ? 'target' : 'targets';
  const head = `${results.length} ${noun}: ${counts.join(', ')}`;
  return [head, ...describeOthers(results.filter(({ verdict }) => verdict !== 'ok'))].join('\n');
}
