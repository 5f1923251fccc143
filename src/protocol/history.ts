/** What a parent remembers of the figures of a node, minute by minute, and how it tells it. */
import { isNodeName } from './address.ts';
import type { FigureId } from './figures.ts';
import { HISTORY_MINUTES } from './limits.ts';

/** A figure that is remembered; the round trip to the parent is one here. */
export type TrackId = FigureId | 'rttMs';

/** What is remembered of it: the mean of each minute, or the most that was in it. */
export type TrackKind = 'mean' | 'max';

export interface Track {
  readonly id: TrackId;
  readonly kind: TrackKind;
}

const BOTH: readonly TrackKind[] = ['mean', 'max'];
const MEAN: readonly TrackKind[] = ['mean'];
const MAX: readonly TrackKind[] = ['max'];

const REMEMBERED: readonly (readonly [TrackId, readonly TrackKind[]])[] = [
  ['cpuPercent', BOTH],
  ['load1', MEAN],
  ['memoryUsedBytes', MEAN],
  ['diskUsedPercent', MEAN],
  ['diskReadBytesPerSecond', MEAN],
  ['diskWrittenBytesPerSecond', MEAN],
  ['netInBytesPerSecond', MEAN],
  ['netOutBytesPerSecond', MEAN],
  ['daemonBytes', MEAN],
  ['daemonCpuPercent', MEAN],
  ['loopLagMs', MAX],
  ['queueBytes', MAX],
  ['deliveredPerSecond', MEAN],
  ['forwardedPerSecond', MEAN],
  ['droppedPerSecond', MAX],
  ['durableWaiting', MAX],
  ['rttMs', BOTH],
];

/** In the order in which they are kept. */
export const TRACKS: readonly Track[] = REMEMBERED.flatMap(([id, kinds]) =>
  kinds.map((kind) => ({ id, kind })),
);

/** One value a minute, the oldest first; null where nothing is known. */
export type Series = readonly (number | null)[];

export interface NodeHistory {
  readonly node: string;
  /** The end of the last minute, which is not over yet: now, by the clock of who remembers. */
  readonly endAtMs: number;
  readonly stepMs: number;
  readonly tracks: readonly (Track & { readonly values: Series })[];
}

/** Time that one value stands for. */
export const HISTORY_STEP_MS = 60_000;

function parseSeries(value: unknown): Series | undefined {
  if (!Array.isArray(value) || value.length > HISTORY_MINUTES) return undefined;
  const isKnown = (each: unknown) => typeof each === 'number' && Number.isFinite(each) && each >= 0;
  return value.map((each) => (isKnown(each) ? (each as number) : null));
}

/** The history in a decoded value, without what we do not know; undefined when it is none. */
export function parseHistory(value: unknown): NodeHistory | undefined {
  const { node, endAtMs, stepMs, tracks } = (value ?? {}) as Record<keyof NodeHistory, unknown>;
  if (typeof node !== 'string' || !isNodeName(node) || !Array.isArray(tracks)) return undefined;
  if (typeof endAtMs !== 'number' || typeof stepMs !== 'number' || !(stepMs > 0)) return undefined;
  const known = TRACKS.flatMap((track) => {
    const found = tracks.find((each) => each?.id === track.id && each?.kind === track.kind);
    const values = parseSeries(found?.values);
    return values === undefined ? [] : [{ ...track, values }];
  });
  return { node, endAtMs, stepMs, tracks: known };
}
