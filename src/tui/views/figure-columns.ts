/** Columns of nodes that show one figure as it is. */
import { formatByteRate, formatRate, formatShort, formatShortBytes, UNKNOWN } from '../figures.ts';
import type { Model } from '../model.ts';
import type { Figure } from '../node-figures.ts';
import { figureOf, type Slot } from '../node-table.ts';
import { grade } from '../palette.ts';
import type { Column } from './view.ts';

/** When the figures of the host were taken. */
export function sampledAt(slot: Slot, { nodes }: Model): number {
  return nodes.sampledAtMs[slot]!;
}

/** Sorts by a figure as it is. */
export function by(figure: Figure): (slot: Slot, model: Model) => number {
  return (slot, { nodes }) => figureOf(nodes, figure, slot);
}

interface FigureColumn {
  readonly title: string;
  readonly figure: Figure;
  readonly width: number;
  readonly priority: number;
  readonly format: (value: number) => string;
  /** From when on it is a warning, and from when on trouble. */
  readonly high?: number;
  readonly tooHigh?: number;
}

function column({ title, figure, width, priority, format, ...grades }: FigureColumn): Column<Slot> {
  const { high = Infinity, tooHigh = Infinity } = grades;
  return {
    title,
    width,
    isRight: true,
    priority,
    cell: (slot, { model }) => {
      const value = figureOf(model.nodes, figure, slot);
      if (Number.isNaN(value)) return { text: UNKNOWN };
      return { text: format(value), style: grade(value, high, tooHigh) };
    },
    takenAtMs: sampledAt,
    sortKey: by(figure),
    isHighFirst: true,
  };
}

function formatPercent(percent: number): string {
  return `${Math.round(percent)}%`;
}

export const CPU_COLUMN = column({
  title: 'CPU',
  figure: 'cpuPercent',
  width: 4,
  priority: 8,
  format: formatPercent,
  high: 70,
  tooHigh: 90,
});

/** What a wide screen has room for. */
export const WIDE_COLUMNS: readonly Column<Slot>[] = [
  column({
    title: 'DISK',
    figure: 'diskUsedPercent',
    width: 4,
    priority: 9,
    format: formatPercent,
    high: 85,
    tooHigh: 95,
  }),
  column({
    title: 'NETIN',
    figure: 'netInBytesPerSecond',
    width: 6,
    priority: 17,
    format: formatByteRate,
  }),
  column({
    title: 'NETOUT',
    figure: 'netOutBytesPerSecond',
    width: 6,
    priority: 18,
    format: formatByteRate,
  }),
  column({
    title: 'MSGS',
    figure: 'deliveredPerSecond',
    width: 5,
    priority: 16,
    format: formatRate,
  }),
  column({
    title: 'QUEUE',
    figure: 'queueBytes',
    width: 5,
    priority: 14,
    format: formatShortBytes,
    high: 1_000_000,
    tooHigh: 10_000_000,
  }),
  column({
    title: 'DROPS',
    figure: 'droppedPerSecond',
    width: 5,
    priority: 13,
    format: formatRate,
    high: 0.01,
    tooHigh: 1,
  }),
  column({
    title: 'JOBS',
    figure: 'jobsRunning',
    width: 4,
    priority: 15,
    format: formatShort,
  }),
];
