/**
 * The limits of links: how they come to be, live and end. They are part of limits.ts.
 */
import { assert } from '../base/assert.ts';

/**
 * Connections that have not yet said who they are. More: the one that has waited longest is closed
 * with E_BUSY. Who never says it must not use up the daemon's file descriptors, nor keep out
 * others.
 */
export const UNAUTHENTICATED_MAX = 256;

/**
 * Time a connection has for its handshake. Later: closed with E_HANDSHAKE_TIMEOUT. Enough for the
 * slowest way and a busy machine; what says nothing makes room for others.
 */
export const HANDSHAKE_MS_MAX = 5_000;

/**
 * Bytes a connection may send before its handshake ends. More: closed with E_FRAME_TOO_LONG. A
 * stranger's memory is bounded before we know who it is; a record with its services still fits.
 */
export const HANDSHAKE_BYTES_MAX = 65_536;

/**
 * A link that sent nothing for this long is closed with E_HOLD_TIME. Both sides use the smaller
 * offer. A dead host is noticed soon, a short loss on the way does no harm.
 */
export const HOLD_MS_DEFAULT = 15_000;
/**
 * Shortest hold time that can be asked for. Less is raised to it: below, a busy machine would lose
 * healthy links.
 */
export const HOLD_MS_MIN = 300;
/**
 * Hold times for which a parent may be cut off from the top. After that a child that has another
 * parent turns to it: what is above usually comes back sooner, and then nobody has moved in vain.
 */
export const CUT_OFF_HOLDS = 3;
/**
 * The same, at most: it doubles with each time that a parent was left in vain, until there was a
 * way to the top for as long as `CUT_OFF_HOLDS` hold times. Who moves takes all that is below it
 * along, and what was under way is lost; but a parent that has got a way must be found some time.
 */
export const CUT_OFF_HOLDS_MAX = 48;
/** Pings sent within one hold time. Two may be late or lost before the link is given up. */
export const PINGS_PER_HOLD = 3;

/** Time for a connection to a parent to be made. Then the next URL is tried. */
export const DIAL_MS_MAX = 5_000;
/**
 * Time for which `daemon start` waits for its peers to be linked, or not to be. Then it returns and
 * says which are not linked yet: they are no condition, and most that are there answer at once.
 */
export const PEERS_TRIED_MS_MAX = 1_000;

/**
 * First and longest wait before dialling a parent again. It doubles from one to the other, and each
 * is drawn from zero up to there, so that the children of a dead parent do not return all at once.
 */
export const BACKOFF_MS_MIN = 100;
export const BACKOFF_MS_MAX = 10_000;
/**
 * Longest wait before a parent or peer is dialled again whose link broke, however often it did. Who
 * has another one turns to that within the shortest backoff; who has none is back soon.
 */
export const REDIAL_MS_MAX = 1_000;
/**
 * Places where links ended, none of which lasted: of those the one longest left is turned to first.
 * Of more, the oldest is forgotten, and counts as one that was never tried.
 */
export const LEFT_URLS_MAX = 16;
/**
 * Longest time for which a neighbour is told not to come again, and for which it believes it. What
 * is busier than that must be asked again, so that nobody is sent away for good.
 */
export const RETRY_AFTER_MS_MAX = 30_000;

/**
 * Children that a node takes unless told otherwise. More: REDIRECT to others below it, or E_FULL.
 * At three pings in fifteen seconds each they cost a few percent of a core, and two file
 * descriptors in three of those that a service usually has.
 */
export const CHILDREN_MAX_DEFAULT = 10_000;
/** URLs in one REDIRECT. More are left out: with a few to choose from one is found. */
export const REDIRECT_URLS_MAX = 8;
/**
 * Redirects that a child follows before it goes on in its own list. Further ones count as E_FULL:
 * nobody is led about for ever.
 */
export const REDIRECTS_MAX = 8;
/** Time for which a full node keeps its list of whom it names. Then it looks anew. */
export const REDIRECT_LIST_MS = 1_000;
/**
 * Time after which a full node is asked again that could name nobody, unless a link breaks before.
 * A child may have left by then.
 */
export const FULL_RETRY_MS = 10_000;

/**
 * Neighbours that are let in within any second. More: E_BUSY, with the time after which to come
 * again. Each costs a handshake here and words about it further up; a tenth of a core goes on
 * working while thousands come back.
 */
export const ADMISSIONS_PER_SECOND_MAX = 500;
/** Of those: how many may come in at one instant. A small tree is there at once. */
export const ADMISSION_BURST_MAX = 100;

assert(ADMISSION_BURST_MAX < ADMISSIONS_PER_SECOND_MAX, 'a burst leaves room for more');
