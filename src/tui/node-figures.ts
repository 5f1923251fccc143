/** The figures of a node that the screen keeps, each a number. */
import { FIGURES, type FigureId } from '../protocol/figures.ts';
import type { NodeStatus } from '../protocol/status.ts';

type TextId = Extract<(typeof FIGURES)[number], { readonly unit: 'text' }>['id'];

/** What a sample has as numbers, and what is known of a node without one. */
export type Figure = Exclude<FigureId, TextId> | 'rttMs' | 'startedAtMs';

function isNumeric(id: FigureId): id is Exclude<FigureId, TextId> {
  return FIGURES.some((figure) => figure.id === id && figure.unit !== 'text');
}

const SAMPLED = FIGURES.map(({ id }) => id).filter(isNumeric);
export const NODE_FIGURES: readonly Figure[] = [...SAMPLED, 'rttMs', 'startedAtMs'];

/** Hands over each figure that `status` has; what is not known is NaN. */
export function readFigures(status: NodeStatus, take: (figure: Figure, value: number) => void) {
  take('rttMs', status.rttMs ?? NaN);
  take('startedAtMs', status.startedAtMs);
  for (const id of SAMPLED) take(id, status.sample?.[id] ?? NaN);
}
