/** Limits of what routers remember so that every envelope ends in one known way. */

/**
 * Age at which a request that went to the parent is asked after, and time between two such probes.
 * A node learns by them of what breaks further up; at one small frame for each answering node they
 * cost nothing that is noticed.
 */
export const PROBE_MS = 2_000;
/** Requests in one probe. More go in further ones, each of them below BODY_BYTES_MAX. */
export const PROBE_REQUESTS_MAX = 4_096;
