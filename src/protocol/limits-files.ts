/** Limits of copying files: at the source, at the nodes in between, and where they are written. */

/**
 * A block: what is hashed, asked for and passed on as one. Longer ones are not taken. Large enough
 * that asking costs little beside it, small enough that the next node soon has one to pass on.
 */
export const FILE_BLOCK_BYTES = 524_288;
/**
 * A file that is copied. Longer: E_TOO_LARGE. The hashes of its blocks, 4 MiB, are what a copy of
 * it keeps in memory.
 */
export const FILE_BYTES_MAX = 68_719_476_736;
/** Files and directories in one copy. More: E_TOO_MANY_ENTRIES. Above it an archive is better. */
export const FILE_ENTRIES_MAX = 50_000;
/** Bytes of the list of them. Longer: E_TOO_LARGE. It is held in memory while it is worked off. */
export const FILE_LIST_BYTES_MAX = 16_777_216;
/**
 * Files of one copy that are worked on at a time. More wait: it bounds what they have in memory.
 */
export const FILE_ENTRIES_AT_ONCE = 4;
/**
 * Blocks of one file that are asked for, or being written, at a time. The next one waits. It fills
 * a line of 100 ms and 20 MB a second, and costs the target 4 MiB.
 */
export const FILE_BLOCKS_IN_FLIGHT = 8;
/**
 * Blocks that a node has asked its neighbours for, at a time. More wait. With what a stream may
 * have on its way they stay below what a link may queue.
 */
export const FILE_ASKED_MAX = 16;
/** Blocks that a node is handing out at a time. More wait: each of them is held in memory. */
export const FILE_SERVED_MAX = 128;
/**
 * Asks for blocks that wait at a node. More: E_TOO_MANY_COPIES. A thousand children that ask for as
 * much as they may fit.
 */
export const FILE_WAITING_MAX = 16_384;
/**
 * Bytes of blocks that a node keeps on its disk to pass them on, unless it is started with another
 * --max-spool. More: those go that were not asked for longest, and cross a link once more for who
 * is that far behind.
 */
export const FILE_SPOOL_BYTES_DEFAULT = 1_073_741_824;
/** Least and most of it that can be asked for. Others: E_USAGE. */
export const FILE_SPOOL_BYTES_MIN = 524_288;
export const FILE_SPOOL_BYTES_MAX = 68_719_476_736;
/** Time after which blocks that nobody asks for are thrown away. The disk is for others then. */
export const FILE_SPOOL_IDLE_MS = 600_000;
/** Time that a neighbour has for one block. Then it is asked for again: others may come first. */
export const FILE_BLOCK_MS = 120_000;
/** Time that a copy waits for a source that gives nothing. Then it fails with its last word. */
export const FILE_SOURCE_MS = 20_000;
/**
 * Time that the part of a file is kept whose copy broke off. Then it is removed. Who comes back
 * within it goes on where it was.
 */
export const FILE_PART_MS = 3_600_000;
/** Copies that a node writes at a time. More: E_TOO_MANY_COPIES. Each has files and blocks open. */
export const FILE_COPIES_MAX = 64;
/** Files, or trees of them, that a node offers at a time. More: E_TOO_MANY_COPIES, as above. */
export const FILE_OFFERS_MAX = 64;
/** Nodes that files are gathered from at a time. The next one waits: they share one disk. */
export const FILE_GATHERED_AT_ONCE = 16;
/** How often a copy tells how far it is. More often nobody looks; it is also its sign of life. */
export const FILE_PROGRESS_MS = 1_000;
/**
 * Time that a copy which was lost on its way is tried again, unless it is told otherwise. Then its
 * verdict stands: a daemon is restarted within it.
 */
export const FILE_RETRY_MS = 30_000;
/**
 * How long a node that is told to end a copy has to say that it did. Who waits for it, a person or
 * a time limit, goes on without its word then; it ends the copy when it hears of it.
 */
export const FILE_CANCEL_MS = 2_000;
/** Length of a path on a node. Longer: E_ARGUMENT_INVALID. It is what Linux takes. */
export const FILE_PATH_LENGTH_MAX = 4_095;
