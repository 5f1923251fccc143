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
