/** Limits of what a node has on its host besides links. */

/**
 * Names that the map of a node holds at a time, a half of them of other nodes. More are left out of
 * it, and counted there; so those of the node itself always have room. At half a kilobyte each, and
 * twice the room so that a name is found at once, the map is a file of 4 MiB at most.
 */
export const MAP_NAMES_MAX = 4_096;
/**
 * Times that an entry of the map is read again when it was just being changed. More: it counts as
 * not known, and the daemon must be asked. A change takes microseconds, unless the daemon was
 * stopped in the middle of it.
 */
export const MAP_READS_MAX = 100;
/**
 * Time after which a daemon tries again to write what a full disk did not take: its status, its
 * options, its name map. There is nothing else to learn by that there is room again.
 */
export const REWRITE_MS = 5_000;
/**
 * Bytes of log lines that are kept in memory while the disk does not take them. More lines are
 * dropped, and counted in the first one after them.
 */
export const LOG_QUEUE_BYTES_MAX = 1_048_576;
