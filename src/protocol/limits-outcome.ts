/** Limits of what routers remember so that every envelope ends in one known way. */

/**
 * Age at which a request that went to the parent is asked after, and time between two such probes.
 * A node learns by them of what breaks further up; at one small frame for each answering node they
 * cost nothing that is noticed.
 */
export const PROBE_MS = 2_000;
/** Requests in one probe. More go in further ones, each of them below BODY_BYTES_MAX. */
export const PROBE_REQUESTS_MAX = 4_096;

/**
 * Services for which a node remembers who answered from further up. More: the one that was learnt
 * first is asked for anew. No program talks to so many by their mere names.
 */
export const HINTS_MAX = 1_024;
/**
 * Time for which it is remembered. Then the nearest is asked for anew: another one may have come,
 * and to ask is one round trip.
 */
export const HINT_MS = 30_000;

/**
 * Time for which a message is kept whose receiver is known but away, unless it says otherwise.
 * Then: E_EXPIRED. A restart and a line that breaks for a moment take less.
 */
export const HELD_MS_DEFAULT = 60_000;
/** Shortest and longest such time. What a message asks for is brought within them. */
export const HELD_MS_MIN = 10_000;
export const HELD_MS_MAX = 86_400_000;
/**
 * Messages that a node keeps for one receiver. More: the oldest goes, with E_CACHE_FULL for who
 * asked. Who has been away for a while wants the latest.
 */
export const HELD_PER_RECEIVER_MAX = 1_000;
/** Bytes of them. More: the same. One large message always fits. */
export const HELD_BYTES_PER_RECEIVER_MAX = 2_097_152;
/** Bytes of all that a node keeps. More: the oldest of all goes. A root can spare as much. */
export const HELD_BYTES_MAX = 67_108_864;
/** Bytes that are handed on at once when receivers are back. More wait for a moment. */
export const RELEASE_BYTES_MAX = 1_048_576;
/**
 * Nodes, and services of this one, that are remembered as known when they are away. More: those are
 * forgotten that went first, and what is sent to them is refused.
 */
export const AWAY_MAX = 10_000;
/**
 * Time that a node waits for word of a message that may be kept, beyond the time for which it may.
 * Then: E_DEADLINE.
 */
export const HELD_WORD_MS = 5_000;
