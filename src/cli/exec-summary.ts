/** The last word on a run over several targets: how many, and who is not fine. */
import { escapeLine } from '../base/escape.ts';
import type { ExecResult, Verdict } from '../protocol/exec.ts';

export interface TargetResult extends ExecResult {
  readonly target: string;
}

/** Verdicts with the number of targets each has. */
export function countVerdicts(results: readonly ExecResult[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

function describe(result: TargetResult): string {
  const { target, verdict, code, signal, reason } = result;
  const detail = signal ?? (verdict === 'failed' ? String(code) : (reason ?? ''));
  const words = [verdict.padEnd(11), target, ...(detail === '' ? [] : [` ${detail}`])];
  return `  ${escapeLine(words.join(' '))}`;
}

/** `5 targets: 3 ok, 2 failed`, then a line for each that is not ok. */
export function formatSummary(results: readonly TargetResult[]): string {
  const counts = Object.entries(countVerdicts(results)).map(
    ([verdict, count]) => `${count} ${verdict}`,
  );
  const noun = results.length === 1 ? 'target' : 'targets';
  const head = `${results.length} ${noun}: ${counts.join(', ')}`;
  const others = results.filter((result) => result.verdict !== 'ok');
  return [head, ...others.map(describe)].join('\n');
}
