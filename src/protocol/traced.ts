/** What a node on the way says of a traced frame: the head of TRACED. */
import { isNodeName } from './address.ts';
import { type ErrorData, errorFromData } from './errors.ts';
import { isRole, type Role } from './record.ts';

/**
 * What decided where the frame went: it is for this node; the nearest that has the service; a route
 * to the node; nobody here knows, so up; a remembered answer; a connection of its own to the very
 * program.
 */
export const WHYS = ['local', 'anycast', 'route', 'default', 'hint', 'direct'] as const;
export type Why = (typeof WHYS)[number];

/** What became of the frame at this node. `dry`: it would have been delivered. */
export const FATES = ['forwarded', 'delivered', 'dry', 'rejected', 'dropped'] as const;
export type Fate = (typeof FATES)[number];

/** One end of a link, as the node sees it: a neighbour, or a program of the node. */
export interface TracedLink {
  /** Name of the neighbour, or of a service of the program. */
  readonly name: string;
  /** What it is to the node: `parent`, `child`, `peer`, `client`, `builtin`. */
  readonly role: string;
  /** Last round trip on that link; null before the first, and to programs. */
  readonly rttMs: number | null;
}

export interface Traced {
  /** Links between nodes that the frame had passed; 0 at the node of its sender. */
  readonly hop: number;
  readonly node: string;
  readonly role: Role;
  readonly from: TracedLink;
  /** Where it went; null when it ended here. */
  readonly to: TracedLink | null;
  readonly why: Why | null;
  /** The node that was chosen as the nearest, or that a route was found to, where it is known. */
  readonly chosen: string | null;
  /** Hops from this node to that one. */
  readonly metric: number | null;
  readonly fate: Fate;
  readonly error: ErrorData | null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseLink(value: unknown): TracedLink | undefined {
  const { name, role, rttMs } = (value ?? {}) as Record<keyof TracedLink, unknown>;
  if (typeof name !== 'string' || typeof role !== 'string') return undefined;
  const isTime = typeof rttMs === 'number' && rttMs >= 0;
  return { name, role, rttMs: isTime ? Number(rttMs.toFixed(3)) : null };
}

/** The word of a node in a decoded head, or undefined when it is none. */
export function parseTraced(head: Readonly<Record<string, unknown>>): Traced | undefined {
  const { hop, node, role, why, chosen, metric, fate, error } = head;
  const from = parseLink(head.from);
  const to = head.to === null ? null : parseLink(head.to);
  if (from === undefined || to === undefined) return undefined;
  if (!isCount(hop) || typeof node !== 'string' || !isNodeName(node)) return undefined;
  if (!isRole(role) || !FATES.includes(fate as Fate)) return undefined;
  return {
    ...{ hop, node, role, from, to, fate: fate as Fate },
    why: WHYS.includes(why as Why) ? (why as Why) : null,
    chosen: typeof chosen === 'string' && isNodeName(chosen) ? chosen : null,
    metric: isCount(metric) ? metric : null,
    error: error === null || error === undefined ? null : errorFromData(error).toData(),
  };
}
