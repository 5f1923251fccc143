/** Limits of remote calls: where they are made, and where they are answered. */

/**
 * Lists and maps within each other in an argument or a result. More: E_VALUE_INVALID. Data that
 * people look at are not that deep, and a circle ends there.
 */
export const VALUE_DEPTH_MAX = 64;
/**
 * Lists and maps in one argument list or result. More: E_VALUE_INVALID. Each costs its reader a
 * hundred times the byte that it has on the wire.
 */
export const VALUE_COUNT_MAX = 100_000;

/**
 * Calls of one service that wait for their turn, where it runs some at a time only. More:
 * E_TOO_MANY_CALLS. Whoever waits behind so many is helped more by a refusal.
 */
export const CALLS_WAITING_MAX = 10_000;
/**
 * Calls of one service that nobody waits for: sent without an answer, or detached. More:
 * E_TOO_MANY_CALLS for a detached one; the other kind is dropped, and counted. Nobody ends them but
 * their time or an admin.cancel.
 */
export const CALLS_UNHEARD_MAX = 1_024;
/** Outcomes of detached calls that a service keeps. More: the oldest is forgotten. */
export const OUTCOMES_KEPT_MAX = 256;
/** Bytes of them. More: the same. One that is this large is kept alone. */
export const OUTCOMES_KEPT_BYTES_MAX = 4_194_304;
/** Time that such an outcome is kept. Then it is forgotten: who wanted it has asked. */
export const OUTCOME_KEPT_MS = 600_000;

/**
 * Bytes of the calls that admin.calls tells of. More are left out, the youngest first, and counted
 * in its last record: the answer has to fit a body. admin.cancel finds all of them.
 */
export const CALLS_SHOWN_BYTES_MAX = 524_288;

/**
 * Reports of progress that one call sends in a second, and at once after a quiet second. Of more
 * only the latest is kept, and goes out with the next one or with the outcome. No eye follows more.
 */
export const PROGRESS_PER_SECOND_MAX = 50;

/** Functions among the arguments of one call. More: E_VALUE_INVALID. */
export const CALLBACKS_MAX = 16;
/** Uses of them that one call has unanswered. More: E_TOO_MANY_CALLS in the method. */
export const CALLBACKS_PENDING_MAX = 256;
/**
 * Arguments, or the result, of one such use, in bytes. More: E_TOO_LARGE. They go in a stream of
 * the call, and are kept whole at both ends: half a window of it.
 */
export const CALLBACK_BYTES_MAX = 131_072;

/**
 * State of a thrown exception that travels, in bytes. More: it is left out. An error has to arrive,
 * and its head has room for four of these.
 */
export const EXCEPTION_BYTES_MAX = 16_384;

/** Versions of one class side by side. More: E_USAGE for who serves them. */
export const CLASS_VERSIONS_MAX = 16;
/**
 * Tests within each other in a criteria. More: E_ARGUMENT_INVALID. Each is a place on the stack.
 */
export const CRITERIA_DEPTH_MAX = 16;
/**
 * Calls of a group that are unanswered at a time. More wait until one is: it leaves most of
 * PENDING_PER_LINK_MAX to what else the program does.
 */
export const GROUP_CALLS_MAX = 16_384;
