/** The limits of durable mailboxes; see limits.ts. */
import { assert } from '../base/assert.ts';

/**
 * Mailboxes and outboxes of one node. More: E_TOO_MANY_MAILBOXES for a message to a new address. An
 * empty one takes about 1 kB of memory.
 */
export const MAILBOXES_MAX = 10_000;
/**
 * Messages that wait in one box, dead letters included. More: E_MAILBOX_FULL. Ten times what a busy
 * receiver misses in a day of one message a second.
 */
export const MAILBOX_COUNT_MAX = 10_000_000;
/**
 * Bytes of the messages of one box, dead letters included. More: E_MAILBOX_FULL. One address must
 * not fill the disk for all others.
 */
export const MAILBOX_BYTES_MAX = 4_294_967_296;
/** Attempts with a message that may fail. Then it is a dead letter: others must get their turn. */
export const MAILBOX_TRIES_MAX = 10;
/**
 * Senders of which a node remembers what came. More: the one heard longest ago is forgotten, and
 * what it sends once more would come twice. Each costs about 200 bytes.
 */
export const MAILBOX_SENDERS_MAX = 65_536;
/**
 * Gaps in what came from one sender that are remembered. More: what was below the lowest is
 * forgotten, and would come twice if it were sent once more. One sender in order has none.
 */
export const MAILBOX_SENDER_RANGES_MAX = 64;
/**
 * Nodes from which one mailbox remembers how far it took over. More: the one heard longest ago is
 * forgotten; what it repeats is still known by its sender.
 */
export const MAILBOX_STREAMS_MAX = 10_000;
/**
 * Messages of one mailbox that are leased or wait to be tried again. Those behind them wait on
 * disk: each of these costs about 200 bytes of memory.
 */
export const MAILBOX_HELD_MAX = 4_096;
/**
 * Messages, and their bytes, that one box has in memory to go out next. More stay on disk: what
 * waits must not cost memory.
 */
export const MAILBOX_READY_COUNT = 1_024;
export const MAILBOX_READY_BYTES = 1_048_576;
/** Records read at a time. More are read when these have gone out. */
export const MAILBOX_READ_RECORDS = 64;
/**
 * Messages, and their bytes, in one record of the store. More go into the next: a record is read as
 * a whole, and goes when its last message does.
 */
export const MAILBOX_RUN_COUNT_MAX = 256;
export const MAILBOX_RUN_BYTES_MAX = 131_072;
/**
 * Content of a durable message: command, parameters and data. More: E_TOO_LARGE. A piece of
 * MAILBOX_PIECE_BYTES and one such message fit the body of one message between nodes.
 */
export const MAILBOX_CONTENT_BYTES_MAX = 917_504;
/**
 * Messages that one receiver may have leased. More wait in its mailbox: what is leased is in the
 * memory of the receiver, and comes late to others when it dies.
 */
export const MAILBOX_LEASE_COUNT_MAX = 1_024;
/**
 * Bytes of the messages that one receiver may have leased: once they are reached, more wait in its
 * mailbox. What is leased is on its way to the receiver, or in its memory.
 */
export const MAILBOX_LEASE_BYTES = 4_194_304;
/**
 * Shortest and longest time in which a receiver must say what became of a message, or that it needs
 * longer. Then another one gets it; a wish beyond them is E_ARGUMENT_INVALID.
 */
export const MAILBOX_LEASE_MS_MIN = 1_000;
export const MAILBOX_LEASE_MS_MAX = 86_400_000;
/** The same, for whoever does not say: work that takes longer extends it meanwhile. */
export const MAILBOX_LEASE_MS_DEFAULT = 30_000;
/** Messages that a look into a box shows. More: ask again, from the last position on. */
export const MAILBOX_PEEK_COUNT_MAX = 1_000;
/**
 * First and longest wait before a node is looked for again that has the service which messages wait
 * for. It doubles from one to the other. News of a node or of a link ends the wait.
 */
export const MAILBOX_FIND_MS_MIN = 500;
export const MAILBOX_FIND_MS_MAX = 30_000;
/**
 * Messages, and their bytes, that are handed to another node or to a program in one piece, or left
 * by a program in one call. More go in the next: a piece and one more message fit a frame. In one
 * call: more are E_ARGUMENT_INVALID.
 */
export const MAILBOX_PIECE_COUNT = 256;
export const MAILBOX_PIECE_BYTES = 65_536;
/** Pieces of one outbox on their way. Then it waits: enough to keep a long way busy. */
export const MAILBOX_PIECES_IN_FLIGHT = 4;
/**
 * First and longest wait before a node that could not be reached is tried again. It doubles from
 * one to the other. News that the node is there ends the wait.
 */
export const MAILBOX_RETRY_MS_MIN = 200;
export const MAILBOX_RETRY_MS_MAX = 60_000;
/**
 * Bytes of each of the two files in which changes are synced before they go to where they stay.
 * When one is full, the other is used. As much is in memory, and is read anew after a crash.
 */
export const MAILBOX_JOURNAL_BYTES = 4_194_304;
/**
 * Bytes that the file of a store has beyond what is in it. Where the disk does not give them:
 * E_STORE_FULL for what is new. On a full disk they are what acks and removals are written with,
 * which make room.
 */
export const MAILBOX_SPARE_BYTES = 2_097_152;
/**
 * Wait before a disk that refused is tried again. It doubles up to a minute, while nothing new
 * comes that would be stored.
 */
export const MAILBOX_PROBE_MS = 1_000;
/** Wait before what is to be moved to a full mailbox is tried again: others empty it meanwhile. */
export const MAILBOX_MOVE_MS = 1_000;
/** Longest time between two looks for what has expired: the clock on the wall may be set. */
export const MAILBOX_EXPIRY_MS = 60_000;

assert(MAILBOX_RUN_COUNT_MAX <= MAILBOX_READY_COUNT, 'a record fits what is kept in memory');
assert(MAILBOX_CONTENT_BYTES_MAX < MAILBOX_LEASE_BYTES, 'more than one message can be leased');
