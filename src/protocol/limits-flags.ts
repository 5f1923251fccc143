/** The limits of flags: what a node holds of its own, and of the nodes below it. */

/**
 * Flags of programs that are up on one node. More: E_TOO_MANY_FLAGS for the new one. Who has so
 * many conditions to look after looks at none; and all of them fit one answer between nodes.
 */
export const FLAGS_PER_NODE_MAX = 128;
/** Flags that a daemon has of its own besides: it knows fewer conditions than that. */
export const FLAGS_OWN_MAX = 16;
/** Bytes of the message of a flag. More: E_ARGUMENT_INVALID. It is a line that people read. */
export const FLAG_MESSAGE_BYTES_MAX = 512;
/** Tags of a flag. More: E_ARGUMENT_INVALID. They choose among flags; a few are enough. */
export const FLAG_TAGS_MAX = 8;
/**
 * Flags of all nodes below that one node holds. More: of the node that tells of them those of the
 * lowest priority are left out, and counted. At about 1 kB each they cost a root 64 MB.
 */
export const FLAGS_BELOW_MAX = 65_536;
/**
 * Bytes of the flags of several nodes that go to the parent in one call. More go in the next: with
 * all of one more node they fit a message.
 */
export const FLAGS_TOLD_BYTES = 262_144;
/**
 * Shortest time between two calls that tell the parent of flags. What changes meanwhile goes
 * together: a flag that is raised a thousand times a second costs one of them.
 */
export const FLAGS_TELL_MS = 1_000;
/**
 * Longest wait before the parent is told again of what it did not take: it does not know the node
 * yet. It begins with FLAGS_TELL_MS and doubles. A new link to a parent ends the wait.
 */
export const FLAGS_RETELL_MS_MAX = 60_000;
/** Time between two looks of a daemon at its own condition: the disk, the links, the mailboxes. */
export const FLAG_CHECK_MS = 15_000;
/** Time between two questions whether the clock of the host is right: each starts a process. */
export const FLAG_CLOCK_CHECK_MS = 600_000;
