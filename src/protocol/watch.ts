/**
 * Lines of a watch. No line holds more than one node: the whole is a line that says how many nodes
 * it has, then a line for each of them; then come the changes.
 */
import {
  type FigureChanges,
  type FigureRow,
  type FigureValue,
  parseChanges,
  parseRow,
  unpackSample,
} from './figure-row.ts';
import { NODES_MAX } from './limits.ts';
import { type NodeStatus, parseMap, parseNodeStatus } from './status.ts';

/** Raised when a line of a watch comes to mean something else. */
export const WATCH_VERSION = 1;

/** What is known of a node. Its status is without a sample: that is the row. */
export interface NodeLine {
  readonly type: 'node';
  readonly node: NodeStatus;
  readonly figures: FigureRow | null;
}

/** What has changed of the figures of a node; a round trip that is absent is as it was. */
export interface FiguresLine {
  readonly type: 'figures';
  readonly name: string;
  readonly rttMs?: number | null;
  readonly set: FigureChanges;
}

export interface GoneLine {
  readonly type: 'gone';
  readonly name: string;
}

export interface SnapshotLine {
  readonly type: 'snapshot';
  readonly version: number;
  readonly realm: string;
  readonly count: number;
  /** The node has no way up now: what is not below it is missing. Absent when it is not so. */
  readonly isCutOff?: true;
}

export type WatchLine = SnapshotLine | NodeLine | FiguresLine | GoneLine;

/** A watch of another version, which is not understood. */
export interface ForeignLine {
  readonly type: 'foreign';
  readonly version: number;
}

function parseSnapshot(
  map: Readonly<Record<string, unknown>>,
): SnapshotLine | ForeignLine | undefined {
  const { realm, count, version = 0, isCutOff } = map;
  if (version !== WATCH_VERSION) {
    return { type: 'foreign', version: typeof version === 'number' ? version : 0 };
  }
  if (typeof realm !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count)) {
    return undefined;
  }
  if (count < 0 || count > NODES_MAX) return undefined;
  return { type: 'snapshot', version, realm, count, ...(isCutOff === true ? { isCutOff } : {}) };
}

function parseRtt(value: unknown): { readonly rttMs?: number | null } {
  if (value === null) return { rttMs: null };
  return typeof value === 'number' && value >= 0 ? { rttMs: value } : {};
}

function parseFigures(map: Readonly<Record<string, unknown>>): FiguresLine | undefined {
  const { name, rttMs, set } = map;
  const changes = parseChanges(set);
  if (typeof name !== 'string' || changes === undefined) return undefined;
  return { type: 'figures', name, ...parseRtt(rttMs), set: changes };
}

/** What is in a line of a watch; undefined when it is nothing that we know. */
export function parseWatchLine(line: string): WatchLine | ForeignLine | undefined {
  const map = parseMap(line);
  switch (map.type) {
    case 'snapshot':
      return parseSnapshot(map);
    case 'figures':
      return parseFigures(map);
    case 'gone':
      return typeof map.name === 'string' ? { type: 'gone', name: map.name } : undefined;
    case 'node': {
      const node = parseNodeStatus(map.node);
      return node === undefined
        ? undefined
        : { type: 'node', node, figures: parseRow(map.figures) };
    }
    default:
      return undefined;
  }
}

/** The status in a line, with its sample. */
export function statusOf({ node, figures }: NodeLine): NodeStatus {
  return figures === null ? node : { ...node, sample: unpackSample(figures) };
}

/** What a child tells of a node: the rest is known from its adverts. */
export type Heard =
  | {
      readonly type: 'node';
      readonly name: string;
      readonly rttMs: number | null;
      /** The caller's own. */
      readonly figures: FigureValue[] | null;
    }
  | FiguresLine;

/** What a line of a child's watch says of a node; undefined when it says nothing of one. */
export function parseHeardLine(line: string): Heard | ForeignLine | undefined {
  const map = parseMap(line);
  if (map.type === 'figures') return parseFigures(map);
  if (map.type === 'snapshot') {
    const snapshot = parseSnapshot(map);
    return snapshot?.type === 'foreign' ? snapshot : undefined;
  }
  const { name, rttMs } = (map.node ?? {}) as Record<string, unknown>;
  if (map.type !== 'node' || typeof name !== 'string') return undefined;
  const rtt = parseRtt(rttMs).rttMs ?? null;
  return { type: 'node', name, rttMs: rtt, figures: parseRow(map.figures) };
}
