/** Limits of what `dagent top` keeps and shows of what others tell; see limits.ts. */

/**
 * Lines, and characters, that are kept of one output. More: the oldest go, and are counted. It is
 * what somebody scrolls through; all of it is for `dagent exec`.
 */
export const TOP_LINES_MAX = 10_000;
export const TOP_CHARS_MAX = 4_000_000;
/** Characters of one line. More: it goes on in the next one. */
export const TOP_LINE_CHARS_MAX = 4_096;
/** Outputs that are kept. More: the oldest that has ended goes; while all run, none is begun. */
export const TOP_OUTPUTS_MAX = 8;

/** Events that are kept. More: the oldest go. `dagent events` has all of them. */
export const TOP_EVENTS_MAX = 1_000;
/** Answers of nodes that are kept. More: the one that was asked for longest ago goes. */
export const TOP_FETCHED_MAX = 64;
/**
 * Different names of services, labels and versions that are kept to be shared by all nodes that
 * have them. More: all are forgotten, and each is kept again when it comes.
 */
export const TOP_TEXTS_MAX = 20_000;
/** Steps below the top that are told apart. Deeper: drawn as if at this depth. Two bytes a node. */
export const TOP_DEPTH_MAX = 65_535;
/** Nodes that are written out beside a service. More: counted, since folding takes time. */
export const TOP_SERVICE_NODES_MAX = 1_000;
/** Links of a node that is asked for them. More: it is not asked; `dagent route` lists them. */
export const TOP_LINKS_MAX = 500;
/** Entries of the hub, and leases, that are asked for. More: `dagent hub ls` lists them. */
export const TOP_HUB_ENTRIES_MAX = 10_000;
/** Characters that are put on the clipboard. More: none, since many terminals take no more. */
export const TOP_COPY_CHARS_MAX = 50_000;
/**
 * Daemons, as `--via` names them, for which a home keeps how `dagent top` looked. More: the one
 * that was looked at longest ago is forgotten.
 */
export const TOP_MEMORIES_MAX = 32;
