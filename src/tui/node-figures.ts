/** The figures of a node that the screen keeps, each a number. */
import { FIGURES, type FigureId } from '../protocol/figures.ts';
import { rankOf } from '../protocol/flag.ts';
import type { NodeStatus } from '../protocol/status.ts';

type TextId = Extract<(typeof FIGURES)[number], { readonly unit: 'text' }>['id'];

/** What a sample has as numbers, and what is known of a node without one. */
export type Figure =
  | Exclude<FigureId, TextId>
  | 'rttMs'
  | 'startedAtMs'
  /** Flags that are up, and the place of the most urgent one among the priorities. */
  | 'flagCount'
  | 'flagRank';

const UNSAMPLED = ['rttMs', 'startedAtMs', 'flagCount', 'flagRank'] as const;

function isNumeric(id: FigureId): id is Exclude<FigureId, TextId> {
  return FIGURES.some((figure) => figure.id === id && figure.unit !== 'text');
}

const SAMPLED = FIGURES.map(({ id }) => id).filter(isNumeric);
export const NODE_FIGURES: readonly Figure[] = [...SAMPLED, ...UNSAMPLED];

/** A list for each figure, with a place for each node. */
export type FigureLists = Record<Figure, Float64Array>;

/** Writes down at `slot` each figure that `status` has; what is not known is NaN. */
export function writeFigures(lists: FigureLists, slot: number, status: NodeStatus): void {
  const { flags, sample } = status;
  lists.rttMs[slot] = status.rttMs ?? NaN;
  lists.startedAtMs[slot] = status.startedAtMs;
  lists.flagCount[slot] = flags?.count ?? 0;
  lists.flagRank[slot] = flags === undefined ? NaN : rankOf(flags.worst);
  if (sample === null) for (const id of SAMPLED) lists[id][slot] = NaN;
  else for (const id of SAMPLED) lists[id][slot] = sample[id] ?? NaN;
}
