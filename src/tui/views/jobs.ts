/** The jobs of all nodes, what runs first: each on each of its nodes is a row. */
import { escapeLine } from '../../base/escape.ts';
import { naturalKey } from '../../base/natural.ts';
import { formatBytes } from '../../base/size.ts';
import type { JobRecord } from '../../protocol/job.ts';
import type { Fetch } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import { formatAge, formatUptime, UNKNOWN } from '../figures.ts';
import type { Model } from '../model.ts';
import { figureOf, type Slot } from '../node-table.ts';
import { ageSince, askedNodes, emptyTextOf, fieldLines, gatheredNote } from './fetched.ts';
import { listRows } from './list-rows.ts';
import type { Cell, CellContext, Column, DetailLines, Pane, View } from './view.ts';

const NO_JOBS = 'no job runs or is remembered; dagent exec --async starts one';

const JOBS: Fetch<'jobs'> = { source: 'jobs', nodes: [] };

function hasJobs(slot: Slot, { nodes }: Model): boolean {
  return figureOf(nodes, 'jobsRunning', slot) > 0 || figureOf(nodes, 'jobsKept', slot) > 0;
}

/** What runs, then the latest; of what is over only jobs, and not what somebody waited for. */
function jobsOf(model: Model): JobRecord[] {
  const records = fetchedOf(model, JOBS)?.value?.items ?? [];
  return records
    .filter(({ state, isExec }) => state === 'running' || !isExec)
    .sort(
      (a, b) =>
        Number(b.state === 'running') - Number(a.state === 'running') ||
        b.submittedAtMs - a.submittedAtMs ||
        a.rank - b.rank,
    );
}

function idOf({ id, node }: JobRecord): string {
  return `${id} ${node}`;
}

function jobOf(row: string): { readonly node: string; readonly id: string } | undefined {
  const [id = '', node] = row.split(' ');
  return node === undefined ? undefined : { id, node };
}

function wordOf({ result }: JobRecord): string {
  return result === null ? 'running' : result.verdict;
}

function stateCell(job: JobRecord, { glyphs }: CellContext): Cell {
  if (job.result === null) return { text: `${glyphs.up} running`, style: 'good' };
  if (job.result.verdict === 'ok') return { text: '  ok' };
  return { text: `${glyphs.lost} ${wordOf(job)}`, style: 'bad' };
}

function exitOf({ result }: JobRecord): string {
  return result?.signal ?? (result?.code === undefined ? UNKNOWN : String(result.code));
}

/** How long it ran, or runs already; NaN when it has not begun. */
function tookMs({ result, startedAtMs }: JobRecord, nowMs: number): number {
  if (result !== null) return result.ms;
  return startedAtMs === null ? NaN : Math.max(0, nowMs - startedAtMs);
}

function ownerOf({ owner, isExec }: JobRecord): string {
  return isExec ? `exec of ${owner}` : owner;
}

function outputBytes({ stdout, stderr }: JobRecord): number {
  return stdout.bytes + stderr.bytes;
}

const COLUMNS: readonly Column<JobRecord>[] = [
  {
    title: 'JOB',
    width: 7,
    widthGood: 20,
    growth: 1,
    widthMax: 20,
    priority: 3,
    cell: ({ id }) => ({ text: id }),
    sortKey: ({ id }) => id,
  },
  {
    title: 'STATE',
    width: 13,
    priority: 0,
    cell: stateCell,
    // What runs first.
    sortKey: (job) => (job.result === null ? '0' : wordOf(job)),
    value: wordOf,
  },
  {
    title: 'NODE',
    width: 10,
    widthGood: 16,
    growth: 1,
    widthMax: 32,
    priority: 1,
    cell: ({ node }) => ({ text: escapeLine(node) }),
    sortKey: ({ node }) => naturalKey(node),
    value: ({ node }) => node,
  },
  {
    title: 'AGE',
    width: 4,
    isRight: true,
    priority: 4,
    cell: ({ submittedAtMs }, { nowMs }) => ({ text: formatAge(nowMs - submittedAtMs) }),
    sortKey: ({ submittedAtMs }) => submittedAtMs,
    value: ({ submittedAtMs }, model) => ageSince(submittedAtMs, model),
    isHighFirst: true,
  },
  {
    title: 'TOOK',
    width: 6,
    isRight: true,
    priority: 5,
    cell: (job, { knownAtMs }) => {
      const ms = tookMs(job, knownAtMs);
      return { text: Number.isNaN(ms) ? UNKNOWN : formatUptime(ms) };
    },
    sortKey: (job, { updatedAtMs }) => tookMs(job, updatedAtMs ?? NaN),
    isHighFirst: true,
  },
  {
    title: 'EXIT',
    width: 7,
    isRight: true,
    priority: 6,
    cell: (job) => ({ text: escapeLine(exitOf(job)) }),
    sortKey: (job) => job.result?.code ?? NaN,
    isHighFirst: true,
  },
  {
    title: 'OUTPUT',
    width: 8,
    isRight: true,
    priority: 11,
    cell: (job) => ({ text: formatBytes(outputBytes(job)) }),
    sortKey: outputBytes,
    isHighFirst: true,
  },
  {
    title: 'OWNER',
    width: 12,
    growth: 1,
    widthMax: 28,
    priority: 10,
    cell: (job) => ({ text: escapeLine(ownerOf(job)) }),
    sortKey: ownerOf,
  },
  {
    title: 'COMMAND',
    width: 12,
    widthGood: 30,
    growth: 4,
    priority: 2,
    cell: ({ command }) => ({ text: escapeLine(command) }),
    sortKey: ({ command }) => command,
  },
];

function detailsOf(model: Model, id: string, { nowMs }: Pane): DetailLines | undefined {
  const job = jobsOf(model).find((each) => idOf(each) === id);
  if (job === undefined) return undefined;
  const { result, pid, timeoutMs, rank, count, stdout, stderr } = job;
  const ms = tookMs(job, nowMs);
  return fieldLines(job.command, [
    ['job', job.id],
    ['node', count > 1 ? `${job.node}, ${rank + 1} of ${count}` : job.node],
    ['state', wordOf(job)],
    ['exit', result === null ? '' : exitOf(job)],
    ['reason', result?.reason ?? ''],
    ['pid', result === null && pid !== null ? String(pid) : ''],
    ['owner', ownerOf(job)],
    ['asked', `${formatAge(nowMs - job.submittedAtMs)} ago`],
    ['took', Number.isNaN(ms) ? 'not begun' : formatUptime(ms)],
    ['timeout', timeoutMs === null ? '' : formatUptime(timeoutMs)],
    ['key', job.isKeyed ? 'yes: it does not run twice' : ''],
    ['stdout', formatBytes(stdout.bytes)],
    ['stderr', formatBytes(stderr.bytes)],
  ]);
}

export const jobsView: View<JobRecord> = {
  name: 'jobs',
  summary: 'jobs',
  columns: COLUMNS,
  version: ({ fetchVersion }) => fetchVersion,
  rows: (model) => listRows(model, jobsView, jobsOf(model), idOf),
  count: (model) => jobsOf(model).length,
  searchText: (job) => [job.id, job.node, wordOf(job), ownerOf(job), job.command].join('\n'),
  takenAtMs: (model) => fetchedOf(model, JOBS)?.atMs ?? NaN,
  note: (model) => gatheredNote(fetchedOf(model, JOBS)),
  emptyText: (model) => emptyTextOf(model, fetchedOf(model, JOBS), 'jobs', NO_JOBS),
  nodeOf: (id) => jobOf(id)?.node,
  jobOf,
  bindings: [],
  fetches: (model) => [{ ...JOBS, nodes: askedNodes(model, hasJobs) }],
  details: detailsOf,
};
