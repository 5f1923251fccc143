/**
 * The nodes as plain text, for scripts and for those who do not look at screens: no colour, no
 * drawing, nothing cut, and no blank within a field but the indentation of the first.
 */
import { escapeLine } from '../base/escape.ts';
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
import { plantForest } from './forest.ts';
import { orderForest } from './tree-order.ts';
import { cellWidth } from './width.ts';

const TITLES = ['NAME', 'ROLE', 'STATE', 'RTT', 'LOAD', 'MEM', 'UP', 'AGE', 'SERVICES'];
const INDENT = '  ';

function fieldsOf(status: NodeStatus, depth: number, nowMs: number): string[] {
  const { sample } = status;
  return [
    INDENT.repeat(depth) + escapeLine(status.name),
    status.role,
    status.state,
    formatRtt(status.rttMs),
    sample === null ? UNKNOWN : formatLoad(sample.load1),
    sample === null ? UNKNOWN : `${Math.round(memoryShare(sample) * 100)}%`,
    status.state === 'up' ? formatUptime(nowMs - status.startedAtMs) : UNKNOWN,
    sample === null ? UNKNOWN : formatAge(nowMs - sample.atMs),
    namedServices(status).join(',') || UNKNOWN,
  ];
}

/**
 * One line for each node under a line of titles, in aligned columns, children indented below their
 * parent. Every line ends with a newline. `nowMs` is the time, as in the nodes' own figures.
 */
export function formatPlain(nodes: readonly NodeStatus[], nowMs: number): string {
  const { entries, depths } = orderForest(plantForest(nodes, nowMs));
  const lines = [
    TITLES,
    ...entries.map(({ status }, index) => fieldsOf(status, depths[index] ?? 0, nowMs)),
  ];
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
