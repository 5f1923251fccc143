/** What is said of a copy: a record for each target, or a summary on stderr. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { formatBytes } from '../base/size.ts';
import { CHANGES, type CopyResult } from '../protocol/file.ts';
import { countVerdicts, formatSummary } from './exec-summary.ts';
import { printRecord } from './output.ts';

export interface TargetCopy extends CopyResult {
  readonly target: string;
}

function recordHead(type: string) {
  return { v: 1, t: new Date().toISOString(), type };
}

export function printResult({ target, ...result }: TargetCopy): void {
  printRecord({ ...recordHead('result'), target, ...result });
}

/** How many targets were changed in which way. */
function countChanges(results: readonly TargetCopy[]): Record<string, number> {
  const counts = CHANGES.map(
    (change) => [change, results.filter((each) => each.change === change).length] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function sumOf(results: readonly TargetCopy[], field: 'bytes' | 'sentBytes' | 'files'): number {
  return results.reduce((sum, result) => sum + result[field], 0);
}

export function printSummaryRecord(text: string, results: readonly TargetCopy[], ms: number): void {
  printRecord({
    ...recordHead('summary'),
    target: text,
    targets: results.length,
    counts: countVerdicts(results),
    changes: countChanges(results),
    failed: results.filter(({ verdict }) => verdict !== 'ok').map(({ target }) => target),
    files: sumOf(results, 'files'),
    bytes: sumOf(results, 'bytes'),
    sentBytes: sumOf(results, 'sentBytes'),
    ms,
  });
}

function describeBytes(results: readonly TargetCopy[], ms: number): string {
  const [bytes, sentBytes] = [sumOf(results, 'bytes'), sumOf(results, 'sentBytes')];
  const sent = sentBytes === bytes ? '' : `, of which ${formatBytes(sentBytes)} had to be sent`;
  return `${formatBytes(bytes)}${sent}, in ${formatDuration(ms)}`;
}

/** One target that is named in full: `web1:/opt/app.tgz copied: 12 MiB in 310ms`. */
export function formatOne(result: TargetCopy, ms: number): string {
  const { target, verdict, change, path, reason } = result;
  if (verdict !== 'ok') {
    const why = reason ?? `after ${formatDuration(result.ms)}`;
    return `dagent: ${escapeLine(`${target}: ${verdict}: ${why}`)}`;
  }
  const where = escapeLine(path ?? target);
  return change === 'copied'
    ? `${where} copied: ${describeBytes([result], ms)}`
    : `${where} ${change === 'attributes' ? 'has its mode or owner changed' : 'is unchanged'}`;
}

/** Several: `20 targets: 18 ok, 2 failed`, who is not ok, and what was done. */
export function formatMany(results: readonly TargetCopy[], ms: number): string {
  const changes = Object.entries(countChanges(results)).map(([change, count]) => {
    return `${count} ${change === 'attributes' ? 'with another mode or owner' : change}`;
  });
  const done = changes.length === 0 ? [] : [`${changes.join(', ')}: ${describeBytes(results, ms)}`];
  return [formatSummary(results), ...done].join('\n');
}
