/**
 * Who is dialled, again and again, until a link stands: plain data. There is one dialler for the
 * list of parents, whose link is the uplink, and one for each peer. What drives them is in
 * dialling.ts.
 */
import type { ErrorData } from '../protocol/errors.ts';
import type { LinkId } from './io.ts';

/** Number of a dialler within one router: what it asks for is answered under it. */
export type DiallerId = number;
export const UPLINK: DiallerId = 0;

export type DiallerPhase = 'none' | 'waiting' | 'dialling' | 'handshaking' | 'up';

/** A place to dial, and the URL of the list that led to it: by its addresses, or by a redirect. */
export interface Attempt {
  readonly url: string;
  readonly entry: string;
}

/** Until when a URL is not to be dialled, and whether because it is full. */
export interface Pause {
  readonly untilMs: number;
  readonly isFull: boolean;
}

export interface Dialler {
  readonly id: DiallerId;
  readonly as: 'child' | 'peer';
  /** In order of preference; any one of them will do. */
  readonly urls: readonly string[];
  phase: DiallerPhase;
  /** What is left of this round: the first is being tried, or will be. */
  queue: Attempt[];
  /** Where the link that stands, or broke last, was dialled; empty after a round in vain. */
  last: Attempt;
  /** Where links ended since the last lasting one, the longest ago first. */
  left: Attempt[];
  /** Redirects that were followed in this round. */
  redirects: number;
  /** Rounds through all URLs that failed, and links that soon broke, since the last lasting one. */
  attempt: number;
  retryAtMs: number;
  /** URLs that are put aside for a while. */
  readonly pauses: Map<string, Pause>;
  link: LinkId | null;
  /** Since when the link is as it should be; null while it is not. */
  settledAtMs: number | null;
  lastError: ErrorData | null;
}

/** The dialler of the parents. */
export interface Uplink extends Dialler {
  /** Whether the top of the tree knows this node. */
  isJoined: boolean;
  /** Since when the parent has had no way to the top; null while it has one. */
  cutOffAtMs: number | null;
  /** Whether it was left for that: who has no way to the top either is none to turn to. */
  isAfterTop: boolean;
  /** Since when the parent has had a way to the top; null while it has none. */
  topAtMs: number | null;
  /** How often a parent was left for want of one since there was one for long. */
  leaveCount: number;
}

export const NOWHERE: Attempt = { url: '', entry: '' };

/** A dialler that is due at once; with nothing to dial it rests for ever. */
export function createDialler(id: DiallerId, as: Dialler['as'], urls: readonly string[]): Dialler {
  return {
    id,
    as,
    urls,
    phase: urls.length > 0 ? 'waiting' : 'none',
    queue: [],
    last: NOWHERE,
    left: [],
    redirects: 0,
    attempt: 0,
    retryAtMs: 0,
    pauses: new Map(),
    link: null,
    settledAtMs: null,
    lastError: null,
  };
}

/** The dialler of the parents, which nobody has taken yet. */
export function createUplink(urls: readonly string[]): Uplink {
  return {
    ...createDialler(UPLINK, 'child', urls),
    isJoined: false,
    cutOffAtMs: null,
    isAfterTop: false,
    topAtMs: null,
    leaveCount: 0,
  };
}
