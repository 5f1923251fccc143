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

/** Hands over each figure that `status` has; what is not known is NaN. */
export function readFigures(status: NodeStatus, take: (figure: Figure, value: number) => void) {
  take('rttMs', status.rttMs ?? NaN);
  take('startedAtMs', status.startedAtMs);
  take('flagCount', status.flags?.count ?? 0);
  take('flagRank', status.flags === undefined ? NaN : rankOf(status.flags.worst));
  for (const id of SAMPLED) take(id, status.sample?.[id] ?? NaN);
}
