/** The figures of a node and of all below it, added up by their parents on the way. */
import { sortNaturally } from '../base/natural.ts';
import type { Client } from '../client/client.ts';
import { fetchMetrics, type NodeMetrics } from '../client/metrics.ts';
import { METRICS_MS_DEFAULT } from '../protocol/limits.ts';
import type { SilentNode } from '../protocol/series.ts';
import { formatFigure } from './format-metrics.ts';
import type { Column } from './table-fit.ts';

/** Series by which nodes tell figures of themselves and of their hosts. */
const PREFIX = 'host.';

interface SubtreeFigure {
  readonly id: string;
  readonly unit: string;
  /** How many nodes have it. */
  readonly nodes: number;
  readonly sum: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

export interface SubtreeStats {
  readonly node: string;
  /** How many have told theirs. */
  readonly nodes: number;
  readonly silent: readonly SilentNode[];
  /** More of them than are named. */
  readonly silentMore: number;
  readonly figures: readonly SubtreeFigure[];
}

export const SUBTREE_COLUMNS: readonly Column[] = [
  { head: 'FIGURE', priority: 0 },
  { head: 'SUM', priority: 2, isNumber: true },
  { head: 'MEAN', priority: 1, isNumber: true },
  { head: 'LEAST', priority: 5, isNumber: true },
  { head: 'MOST', priority: 3, isNumber: true },
  { head: 'NODES', priority: 4, isNumber: true },
];

/** Of these a sum says nothing. */
const UNSUMMED = new Set(['percent', 'ms']);

function toStats(node: string, { nodes, silent, silentMore, series }: NodeMetrics): SubtreeStats {
  const figures = series.flatMap((each): SubtreeFigure[] => {
    if (each.kind !== 'gauge' || each.count === 0) return [];
    const { name, unit, count, sum, min, max } = each;
    return [
      { id: name.slice(PREFIX.length), unit, nodes: count, sum, mean: sum / count, min, max },
    ];
  });
  return { node, nodes, silent, silentMore, figures: sortNaturally(figures, ({ id }) => id) };
}

/** Throws as `fetchMetrics`. */
export async function fetchSubtreeStats(client: Client, node: string): Promise<SubtreeStats> {
  const wish = { pattern: `${PREFIX}*`, withinMs: METRICS_MS_DEFAULT, scope: 'subtree' } as const;
  return toStats(node, await fetchMetrics(client, node, wish));
}

/** Rows for {@link SUBTREE_COLUMNS}. */
export function subtreeRows({ figures }: SubtreeStats): string[][] {
  return figures.map(({ id, unit, nodes, sum, mean, min, max }) => {
    const show = (value: number): string => formatFigure(value, unit);
    const total = UNSUMMED.has(unit) ? '-' : show(sum);
    return [id, total, show(mean), show(min), show(max), String(nodes)];
  });
}
