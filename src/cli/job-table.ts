/** Jobs for people: a line for each, and all that is known of one. */
import { formatDuration } from '../base/duration.ts';
import { formatBytes } from '../base/size.ts';
import type { JobRecord, JobStream } from '../protocol/job.ts';
import { foldNames } from '../protocol/node-set.ts';
import { countVerdicts } from './exec-summary.ts';
import type { Column } from './table-fit.ts';

export const JOB_COLUMNS: readonly Column[] = [
  { head: 'JOB', priority: 0 },
  { head: 'STATE', priority: 1 },
  { head: 'NODES', priority: 2, isText: true },
  { head: 'OWNER', priority: 6 },
  { head: 'AGE', priority: 4 },
  { head: 'TOOK', priority: 5 },
  { head: 'COMMAND', priority: 3, isText: true },
];

/** Names and commands are cut here; `job show` and --json have all. */
const CELL_LENGTH_MAX = 48;

function cut(text: string): string {
  return text.length <= CELL_LENGTH_MAX ? text : `${text.slice(0, CELL_LENGTH_MAX - 3)}...`;
}

/** `2 running, 1 ok`. */
function formatStates(group: readonly JobRecord[]): string {
  const runningCount = group.filter(({ state }) => state === 'running').length;
  const results = group.map(({ result }) => result).filter((result) => result !== null);
  const counts = Object.entries({ running: runningCount, ...countVerdicts(results) });
  const isOne = group.length === 1;
  return counts
    .filter(([, count]) => count > 0)
    .map(([word, count]) => (isOne ? word : `${count} ${word}`))
    .join(', ');
}

function formatTook(group: readonly JobRecord[]): string {
  const took = group
    .filter(({ result }) => result?.verdict !== 'not-started')
    .map(({ result }) => result?.ms ?? Number.NaN);
  const longestMs = Math.max(...took);
  return Number.isFinite(longestMs) ? formatDuration(longestMs) : '-';
}

/** The row of a job, whose records are those of its nodes. */
export function jobRow(group: readonly JobRecord[], nowMs: number): string[] {
  const [first] = group;
  const { id = '', owner = '', command = '', submittedAtMs = nowMs } = first ?? {};
  const names = cut(foldNames(group.map(({ node }) => node)));
  const age = formatDuration(Math.max(0, nowMs - submittedAtMs));
  const by = first?.isExec === true ? `exec of ${owner}` : owner;
  return [id, formatStates(group), names, by, age, formatTook(group), cut(command)];
}

function formatStream(name: string, { bytes, omittedBytes }: JobStream): string {
  const lost = omittedBytes === 0 ? '' : `, ${formatBytes(omittedBytes)} of it not kept`;
  return `  ${name}    ${formatBytes(bytes)}${lost}`;
}

function formatEnd({ result, startedAtMs, pid }: JobRecord): string {
  if (result === null) return pid === null ? 'starting' : `running, pid ${pid}`;
  const { verdict, code, signal, reason, ms } = result;
  const how = signal ?? (verdict === 'ok' ? undefined : code);
  const words = [verdict, ...(how === undefined ? [] : [String(how)])].join(' ');
  const took = startedAtMs === null ? '' : ` after ${formatDuration(ms)}`;
  return `${words}${took}${reason === undefined ? '' : `: ${reason}`}`;
}

function formatInstant(atMs: number | null): string {
  return atMs === null ? '-' : new Date(atMs).toISOString();
}

/** All that is known of a job on one node. */
export function formatJob(record: JobRecord): string {
  const { node, runsAs, submittedAtMs, startedAtMs, endedAtMs, timeoutMs } = record;
  return [
    node,
    `  state     ${formatEnd(record)}`,
    `  asked     ${formatInstant(submittedAtMs)} by ${record.owner}`,
    ...(runsAs === undefined ? [] : [`  runs as   ${runsAs}`]),
    `  started   ${formatInstant(startedAtMs)}`,
    `  ended     ${formatInstant(endedAtMs)}`,
    ...(timeoutMs === null ? [] : [`  timeout   ${formatDuration(timeoutMs)}`]),
    ...(record.isKeyed ? ['  key       yes: it does not run twice'] : []),
    formatStream('stdout', record.stdout),
    formatStream('stderr', record.stderr),
  ].join('\n');
}
