/** What a node and all below it have together: sums, means, and who has the most. */
import { escapeLine } from '../../base/escape.ts';
import {
  formatByteRate,
  formatCount,
  formatLoad,
  formatRate,
  formatShortBytes,
  memoryShare,
} from '../figures.ts';
import type { Piece } from '../line.ts';
import type { Model } from '../model.ts';
import type { Figure } from '../node-figures.ts';
import { figureOf, type NodeTable, type Slot } from '../node-table.ts';
import { labelLine, titleLine } from './detail-lines.ts';
import type { DetailLines } from './view.ts';

/** A node and all below it. While routes change, nodes may be reported below each other. */
function collectSubtree({ names, children }: NodeTable, top: Slot): readonly Slot[] {
  const found = new Set([top]);
  for (const slot of found) for (const child of children.get(names[slot]!) ?? []) found.add(child);
  return [...found];
}

interface Sum {
  readonly count: number;
  readonly sum: number;
  readonly most: number;
  /** Who has the most. */
  readonly at: Slot;
}

/** A figure of all of `slots` that tell it; undefined when none does. */
function sumUp(table: NodeTable, slots: readonly Slot[], figure: Figure): Sum | undefined {
  let [count, sum, most, at] = [0, 0, -Infinity, -1];
  for (const slot of slots) {
    const value = figureOf(table, figure, slot);
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    if (value > most) [most, at] = [value, slot];
  }
  return count === 0 ? undefined : { count, sum, most, at };
}

function formatPercent(percent: number): string {
  return `${Math.round(percent)}%`;
}

const RATES: readonly (readonly [string, Figure, (rate: number) => string])[] = [
  ['net in/s', 'netInBytesPerSecond', formatByteRate],
  ['net out/s', 'netOutBytesPerSecond', formatByteRate],
  ['messages/s', 'deliveredPerSecond', formatRate],
];

/** Nothing of a node without others below it. Of those that are lost nothing is added. */
export function subtreeLines({ nodes }: Model, top: Slot): DetailLines {
  const all = collectSubtree(nodes, top);
  if (all.length === 1) return [];
  const up = all.filter((slot) => nodes.lost[slot] !== 1);
  const lostCount = all.length - up.length;
  const lost = lostCount === 0 ? '' : `, ${formatCount(lostCount)} of them lost`;
  const lines: (readonly Piece[])[] = [
    [],
    titleLine('with all below', `${formatCount(all.length)} nodes${lost}`),
  ];
  const tell = (label: string, figure: Figure, format: (sum: Sum) => string): void => {
    const sum = sumUp(nodes, up, figure);
    if (sum !== undefined) lines.push(labelLine(label, format(sum)));
  };
  const sumOf = (figure: Figure): number => sumUp(nodes, up, figure)?.sum ?? 0;
  const formatShare = ({ sum, count, most, at }: Sum): string => {
    const who = escapeLine(nodes.names[at]!);
    return `mean ${formatPercent(sum / count)}, most ${formatPercent(most)} at ${who}`;
  };
  tell('cpu', 'cpuPercent', formatShare);
  tell('load', 'load1', ({ sum }) => `${formatLoad(sum)} on ${sumOf('cpus')} processors`);
  tell('memory', 'memoryUsedBytes', ({ sum }) => {
    const total = sumOf('memoryTotalBytes');
    const part = formatPercent(100 * memoryShare(sum, total));
    return `${part}, ${formatShortBytes(sum)} of ${formatShortBytes(total)}`;
  });
  tell('disk', 'diskUsedPercent', formatShare);
  for (const [label, figure, format] of RATES) tell(label, figure, ({ sum }) => format(sum));
  return lines;
}
