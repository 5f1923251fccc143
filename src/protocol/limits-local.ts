/** Limits of what a node shares with the programs of its host besides their links. */

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
