/** What is said when all targets of a run have their verdicts, and what is remembered. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import type { ExecOutput } from './exec-output.ts';
import {
  countVerdicts,
  describeKill,
  describeTimeout,
  formatSummary,
  type TargetResult,
} from './exec-summary.ts';
import { rememberRun } from './last-run.ts';
import { withoutName } from './own-name.ts';

/** What of a run is told at its end. */
export interface Concluded {
  readonly targets: { readonly text: string; readonly isSingle: boolean };
  readonly view: { readonly isJson: boolean; readonly isQuiet: boolean };
  readonly home: string | undefined;
  /** The line that runs it once more where it failed, if there is one. */
  readonly again: string | undefined;
  /** Id under which more of its output is kept than was asked for, if there is any. */
  readonly job?: string | undefined;
  /** Targets that nobody knows by name. */
  readonly missing?: number | undefined;
}

/** What a summary record is made of. */
type Summed = Pick<Concluded, 'targets' | 'job' | 'missing'>;

/** One target that is named in full: a line, where its output and status do not say it all. */
export function explain(result: TargetResult): void {
  const { verdict, reason, target, ms } = result;
  if (verdict === 'ok' || verdict === 'failed' || verdict === 'signaled') return;
  const how =
    verdict === 'timeout'
      ? describeTimeout(result)
      : (withoutName(reason, target) ?? describeKill(result));
  const why = how === '' ? formatDuration(ms) : how;
  process.stderr.write(`dagent: ${escapeLine(`${target}: ${verdict}: ${why}`)}\n`);
}

/** The last record of a run; `missing` is there only where somebody is. */
export function printSummaryRecord(
  run: Summed,
  results: readonly TargetResult[],
  ms: number,
): void {
  const t = new Date().toISOString();
  const { job } = run;
  const missing = run.missing === 0 ? undefined : run.missing;
  const counts = countVerdicts(results);
  const failed = results.filter(({ verdict }) => verdict !== 'ok').map(({ target }) => target);
  const head = { v: 1, t, type: 'summary', target: run.targets.text, targets: results.length };
  process.stdout.write(`${JSON.stringify({ ...head, counts, failed, ms, job, missing })}\n`);
}

function tell(run: Concluded, results: readonly TargetResult[], ms: number): void {
  const { isSingle } = run.targets;
  if (run.view.isJson) return printSummaryRecord(run, results, ms);
  if (isSingle) {
    for (const result of results) explain(result);
  } else if (!run.view.isQuiet) {
    process.stderr.write(`${formatSummary(results)}\n`);
    const hasFailed = results.some(({ verdict }) => verdict !== 'ok');
    if (hasFailed && run.again !== undefined)
      process.stderr.write(`once more where it failed: ${escapeLine(run.again)}\n`);
  }
}

/** Ends the output and tells the rest; `ms` is how long all of it took. Throws E_CANNOT_WRITE. */
export function conclude(
  run: Concluded,
  output: ExecOutput,
  results: readonly TargetResult[],
  ms: number,
): void {
  try {
    output.end?.();
  } finally {
    if (!run.targets.isSingle) rememberRun(run.home, results);
    tell(run, results, ms);
  }
}
