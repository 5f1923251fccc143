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

/** What differs among several that ended alike: how long they ran, how many processes it was. */
interface Amounts {
  readonly took: string;
  readonly processes: string;
}

/** `3`, or `2 to 5`. */
function formatRange(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${most}` : `${least} to ${most}`;
}

/**
 * `1 process`, `2 to 5 processes`, `3 processes (1 outside its group)`; nothing where none was
 * counted.
 */
function formatProcesses(results: readonly ExecResult[]): string {
  const known = results.filter(({ killed, strays }) => (killed ?? strays) !== undefined);
  if (known.length === 0) return '';
  const all = known.map(({ killed = 0, strays = 0 }) => killed + strays);
  const outside = known.map(({ strays = 0 }) => strays);
  const noun = Math.max(...all) === 1 ? 'process' : 'processes';
  const hasStrays = outside.some((count) => count > 0);
  const more = hasStrays ? ` (${formatRange(outside)} outside its group)` : '';
  return `${formatRange(all)} ${noun}${more}`;
}

function amountsOf(results: readonly ExecResult[]): Amounts {
  return { took: formatTook(results), processes: formatProcesses(results) };
}

/** What ended a command before its time, and how much of it: `SIGTERM, 3 processes`. */
export function describeKill(result: ExecResult, { processes } = amountsOf([result])): string {
  return [result.signal ?? '', processes].filter((each) => each !== '').join(', ');
}

/**
 * Which time was over, how long it ran (`took`), what ended it: `--timeout after 5.0s, SIGTERM`.
 */
export function describeTimeout(result: ExecResult, amounts = amountsOf([result])): string {
  const { limit, reason } = result;
  const which = limit === undefined ? 'the time was over' : LIMIT_NAMES[limit];
  const how = describeKill(result, amounts);
  const parts = [`${which} after ${amounts.took}`, ...(how === '' ? [] : [how])];
  return `${parts.join(', ')}${reason === undefined ? '' : `: ${reason}`}`;
}

function describeDetail(result: TargetResult, amounts = amountsOf([result])): string {
  const { verdict, code, signal } = result;
  // The name stands in front of it.
  const reason = withoutName(result.reason, result.target);
  switch (verdict) {
    case 'failed':
      return String(code ?? reason ?? '');
    case 'timeout':
      return describeTimeout(result, amounts);
    case 'cancelled':
      return reason ?? describeKill(result, amounts);
    default:
      return signal ?? reason ?? '';
  }
}

/** What a target says, for several that say the same: without its own name and amounts in it. */
function describeAlike(result: TargetResult, amounts: Amounts): string {
  const mask = createMask([result.target], 'it');
  return mask(Buffer.from(describeDetail(result, amounts))).toString('utf8');
}

/** How long several ran: `5.0s`, or `532ms to 551ms`. */
function formatTook(group: readonly ExecResult[]): string {
  const times = group.map(({ ms }) => ms).sort((a, b) => a - b);
  const bounds = [times[0] ?? 0, times.at(-1) ?? 0].map(formatDuration);
  return [...new Set(bounds)].join(' to ');
}

const NO_AMOUNTS: Amounts = { took: '', processes: '' };

/** Targets that are not fine, those that say the same but for names and times on one line. */
function describeOthers(results: readonly TargetResult[]): string[] {
  const groups = Map.groupBy(results, (result) =>
    JSON.stringify([result.verdict, describeAlike(result, NO_AMOUNTS)]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = foldNames(group.map(({ target }) => target));
    const detail =
      group.length === 1 ? describeDetail(first) : describeAlike(first, amountsOf(group));
    const words = [first.verdict.padEnd(11), names, ...(detail === '' ? [] : [` ${detail}`])];
    return [`  ${escapeLine(words.join(' '))}`];
  });
}

/** `5 targets: 3 ok, 2 failed`, then who is not ok, and how. `okWord` stands for ok. */
export function formatSummary(results: readonly TargetResult[], okWord = 'ok'): string {
  const counts = Object.entries(countVerdicts(results)).map(
    ([verdict, count]) => `${count} ${verdict === 'ok' ? okWord : verdict}`,
  );
  const noun = results.length === 1 ? 'target' : 'targets';
  const head = `${results.length} ${noun}: ${counts.join(', ')}`;
  return [head, ...describeOthers(results.filter(({ verdict }) => verdict !== 'ok'))].join('\n');
}
