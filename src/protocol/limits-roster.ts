/** Limits of what a node keeps of the nodes below it for its next run. */

/**
 * Time in which changes of the roster are gathered before it is written. A crash forgets those of
 * the last moment. A write that took long is followed by a pause of a hundred times that.
 */
export const ROSTER_DELAY_MS = 1_000;
/**
 * Time after the start of a node in which who asks it for targets waits for those that it knew
 * before. By then each that tries to come back has tried: BACKOFF_MS_MAX is its longest wait.
 */
export const ROSTER_WAIT_MS = 10_000;
/**
 * While one after the other comes back within this time, the wait goes on, LOST_NODE_MS at most: a
 * node lets in only so many of them in a second, and very many take longer than ROSTER_WAIT_MS.
 */
export const ROSTER_QUIET_MS = 2_000;
