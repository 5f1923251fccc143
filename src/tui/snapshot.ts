/**
 * The nodes as plain text, for scripts and for those who do not look at screens: no colour, no
 * drawing, nothing cut, and no blank within a field but the indentation of the first.
 */
import { escapeLine } from '../base/escape.ts';
import type { HostSample } from '../protocol/figures.ts';
import type { NodeStatus } from '../protocol/status.ts';
import {
  formatAge,
  formatLoad,
  formatRtt,
  formatUptime,
  memoryShare,
  namedServices,
  UNKNOWN,
} from './figures.ts';
import { plantTable } from './node-table.ts';
import { orderTree } from './tree-order.ts';
import { cellWidth } from './width.ts';

const TITLES = [
  'NAME',
  'ROLE',
  'STATE',
  'RTT',
  'LOAD',
  'CPU',
  'MEM',
  'DISK',
  'UP',
  'AGE',
  'FLAGS',
  'MAIL',
  'DEAD',
  'OLDEST',
  'SERVICES',
];
const INDENT = '  ';

/** Durable messages that wait, dead letters, and the age of the oldest that waits. */
function mailFields({ sample }: NodeStatus, nowMs: number): string[] {
  const { durableWaiting, durableDead, durableOldestAtMs } = sample ?? {};
  if (durableWaiting === undefined) return [UNKNOWN, UNKNOWN, UNKNOWN];
  const age = durableOldestAtMs === undefined ? UNKNOWN : formatAge(nowMs - durableOldestAtMs);
  return [String(durableWaiting), String(durableDead ?? 0), age];
}

function formatPercent(percent: number | undefined): string {
  return percent === undefined ? UNKNOWN : `${Math.round(percent)}%`;
}

/** How many are up, and how urgent the most urgent one is: `2:error`. */
function flagsField({ flags }: NodeStatus): string {
  return flags === undefined ? UNKNOWN : `${flags.count}:${flags.worst}`;
}

function formatMemory({ memoryUsedBytes, memoryTotalBytes }: HostSample): string {
  return formatPercent(memoryShare(memoryUsedBytes, memoryTotalBytes) * 100);
}

function fieldsOf(status: NodeStatus, depth: number, nowMs: number): string[] {
  const { sample } = status;
  return [
    INDENT.repeat(depth) + escapeLine(status.name),
    status.role,
    status.state,
    formatRtt(status.rttMs ?? NaN),
    sample === null ? UNKNOWN : formatLoad(sample.load1),
    formatPercent(sample?.cpuPercent),
    sample === null ? UNKNOWN : formatMemory(sample),
    formatPercent(sample?.diskUsedPercent),
    status.state === 'up' ? formatUptime(nowMs - status.startedAtMs) : UNKNOWN,
    sample === null ? UNKNOWN : formatAge(nowMs - sample.atMs),
    flagsField(status),
    ...mailFields(status, nowMs),
    namedServices(status.services).join(',') || UNKNOWN,
  ];
}

/**
 * One line for each node under a line of titles, in aligned columns, children indented below their
 * parent. Every line ends with a newline. `nowMs` is the time, as in the nodes' own figures.
 */
export function formatPlain(nodes: readonly NodeStatus[], nowMs: number): string {
  const table = plantTable(nodes, nowMs, 0);
  const { slots, depths } = orderTree(table);
  const statuses = new Map(nodes.map((status) => [status.name, status]));
  const rows = Array.from(slots, (slot, index) =>
    fieldsOf(statuses.get(table.names[slot]!)!, depths[index]!, nowMs),
  );
  const lines = [TITLES, ...rows];
  const widths = TITLES.map((_, column) =>
    lines.reduce((widest, fields) => Math.max(widest, cellWidth(fields[column] ?? '')), 0),
  );
  return lines
    .map((fields) => {
      const padded = fields.map((field, column) => {
        return field + ' '.repeat((widths[column] ?? 0) - cellWidth(field));
      });
      return `${padded.join('  ').trimEnd()}\n`;
    })
    .join('');
}
