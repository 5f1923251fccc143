/** Nodes as a table: what `dagent nodes` shows of each, and in which order. */
import { formatDuration } from '../base/duration.ts';
import { naturalKey, sortNaturally } from '../base/natural.ts';
import { rankOf } from '../protocol/flag.ts';
import type { NodeStatus } from '../protocol/status.ts';
import type { Column } from './table-fit.ts';

interface NodeColumn {
  readonly column: Column;
  cell(node: NodeStatus, nowMs: number): string;
  /** What it is sorted by: numbers the greatest first, texts in natural order. */
  key(node: NodeStatus): number | string;
}

/** What is not known sorts as the least. */
const UNKNOWN = -1;

function memoryShare({ sample }: NodeStatus): number {
  const { memoryUsedBytes, memoryTotalBytes } = sample ?? {};
  if (memoryUsedBytes === undefined || !memoryTotalBytes) return UNKNOWN;
  return memoryUsedBytes / memoryTotalBytes;
}

function formatShare(share: number): string {
  return share === UNKNOWN ? '-' : `${Math.round(100 * share)}%`;
}

function formatUp({ state, startedAtMs }: NodeStatus, nowMs: number): string {
  return state === 'up' ? formatDuration(Math.max(0, nowMs - startedAtMs)) : '-';
}

function text(field: 'name' | 'role' | 'state' | 'version', priority: number): NodeColumn {
  return {
    column: { head: field.toUpperCase(), priority },
    cell: (node) => node[field],
    key: (node) => node[field],
  };
}

/** By the word that `--sort` takes. */
const COLUMNS = {
  name: text('name', 0),
  role: text('role', 6),
  state: text('state', 1),
  parent: {
    column: { head: 'PARENT', priority: 5 },
    cell: ({ parent }) => parent ?? '-',
    key: ({ parent }) => parent ?? '',
  },
  rtt: {
    column: { head: 'RTT', priority: 4, isNumber: true },
    cell: ({ rttMs }) => (rttMs === null ? '-' : formatDuration(rttMs)),
    key: ({ rttMs }) => rttMs ?? UNKNOWN,
  },
  load: {
    column: { head: 'LOAD', priority: 2, isNumber: true },
    cell: ({ sample }) => sample?.load1?.toFixed(2) ?? '-',
    key: ({ sample }) => sample?.load1 ?? UNKNOWN,
  },
  mem: {
    column: { head: 'MEM', priority: 3, isNumber: true },
    cell: (node) => formatShare(memoryShare(node)),
    key: memoryShare,
  },
  flags: {
    column: { head: 'FLAGS', priority: 2 },
    cell: ({ flags }) => (flags === undefined ? '-' : `${flags.count} ${flags.worst}`),
    // The more urgent first; of those that are alike the one with more.
    key: ({ flags }) => (flags === undefined ? UNKNOWN : rankOf(flags.worst) * 1e6 + flags.count),
  },
  version: text('version', 8),
  up: {
    column: { head: 'UP', priority: 7, isNumber: true },
    cell: formatUp,
    key: ({ state, startedAtMs }) => (state === 'up' ? -startedAtMs : Number.NEGATIVE_INFINITY),
  },
} as const satisfies Record<string, NodeColumn>;

export type NodeSort = keyof typeof COLUMNS;
export const NODE_SORTS = Object.keys(COLUMNS) as readonly NodeSort[];

const ALL: readonly NodeColumn[] = Object.values(COLUMNS);
export const NODE_COLUMNS = ALL.map(({ column }) => column);

export function nodeRow(node: NodeStatus, nowMs: number): string[] {
  return ALL.map(({ cell }) => cell(node, nowMs));
}

/** Those with the same key stand in the order of their names. */
export function sortNodes(nodes: readonly NodeStatus[], sort: NodeSort): NodeStatus[] {
  const { key }: NodeColumn = COLUMNS[sort];
  const named = sortNaturally(nodes, ({ name }) => name);
  const keyed = named.map((node) => {
    const value = key(node);
    return { node, value: typeof value === 'number' ? -value : naturalKey(value) };
  });
  keyed.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  return keyed.map(({ node }) => node);
}
