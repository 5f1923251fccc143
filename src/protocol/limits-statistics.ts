/** Limits of statistics: how often figures are taken and told, and what is kept of them. */

/**
 * Time between two samples of a watched node, and the longest one of a node for which a sample is
 * dear. It is longer in between: a hundred times what a sample took, so that samples cost no more
 * than a hundredth of a processor, and twice that where the host has more to do than it can.
 */
export const SAMPLE_MS = 5_000;
export const SAMPLE_MS_MAX = 60_000;
/**
 * Children of which a node wants a sample every SAMPLE_MS. Of more it wants them half as often:
 * each wakes it by itself, and some seconds are little where so many are looked at.
 */
export const SAMPLE_CHILDREN_MAX = 5_000;
/**
 * Time after which a node says that its figures are as they were. Between, it says nothing: of
 * figures only what is news is told. It is less than the time of two samples, so that one who takes
 * half as many says so with each.
 */
export const SAMPLE_STILL_MS = 9_000;
/** Age to which a sample is good for whoever asks. Older: another one is taken. */
export const SAMPLE_FRESH_MS = 1_000;
/**
 * Time after which filesystems, disks and network cards are looked at anew. They change slowly, and
 * cost more than all other figures.
 */
export const SLOW_FIGURES_MS = 30_000;
/** Time changes are gathered before a watcher hears. A burst of them then costs one frame. */
export const WATCH_DELAY_MS = 50;

/**
 * Time between two heartbeats, in which a node tells its parent its figures though nobody looks. It
 * is drawn between these, so that nodes that were started together do not speak together; and it is
 * less than a minute, so that each minute of the history has one.
 */
export const HEARTBEAT_MS_MIN = 50_000;
export const HEARTBEAT_MS_MAX = 58_000;
/** Minutes that a parent remembers of a node. Older ones are overwritten: an hour is looked at. */
export const HISTORY_MINUTES = 60;
/**
 * Nodes that one node remembers: itself and its children. Of more nothing is remembered; they are
 * shown as they are now. It is as many as one parent has in the largest tree that we measure.
 */
export const HISTORY_NODES_MAX = 10_001;
/**
 * What the history of one node costs its parent, whatever happens: a fixed size. So the histories
 * of ten thousand children cost 24 MB.
 */
export const HISTORY_NODE_BYTES = 2_356;
