/** Limits of the hub: who is in it, and what is reserved there. */

/**
 * Entries of a hub. More: E_HUB_FULL. It holds all nodes that a tree can have, and at half a
 * kilobyte each it stays below a hundred megabytes.
 */
export const HUB_NODES_MAX = 100_000;
/**
 * Leases at a time. More: E_HUB_FULL until some are released or have expired. Each is small, but
 * who makes so many never gives them back.
 */
export const HUB_LEASES_MAX = 65_536;
/** Nodes that one request reserves. More: E_ARGUMENT_INVALID; the answer fits a message then. */
export const HUB_REQUEST_COUNT_MAX = 10_000;
/** Status of a node: the free places that it can have. More: E_ARGUMENT_INVALID, as a mistake. */
export const HUB_STATUS_MAX = 1_000_000;
/** Entries in one answer to `hub.list`. More: the next ones are asked for, so that it fits. */
export const HUB_PAGE_COUNT = 1_000;
/**
 * A lease that is not said to be shorter or longer, and the bounds of what may be said
 * (E_ARGUMENT_INVALID). What died must not hold a place for a day; what lives renews its lease.
 */
export const HUB_LEASE_MS_DEFAULT = 60_000;
export const HUB_LEASE_MS_MIN = 1_000;
export const HUB_LEASE_MS_MAX = 86_400_000;
