/** Limits of the library that programs link; see limits.ts. */
import { assert } from '../base/assert.ts';

/**
 * First and longest wait of a program before it dials its daemon again. It doubles from one to the
 * other, and each is drawn from zero up to there: a daemon that restarts has its programs back
 * soon, and not all at once.
 */
export const REJOIN_MS_MIN = 50;
export const REJOIN_MS_MAX = 2_000;
/**
 * Durable messages, and their bytes, that one program has sent and whose node has not said that it
 * has stored them. More: E_TOO_MANY_UNSTORED for the new one. They are in the memory of the program
 * while its daemon is away.
 */
export const UNSTORED_COUNT_MAX = 32_768;
export const UNSTORED_BYTES_MAX = 67_108_864;
/**
 * Ids of durable messages that a service remembers as done, in a file in its home, at least. When
 * there are twice as many, the older half is forgotten. Only those matter whose ack was not stored,
 * and a receiver has MAILBOX_LEASE_COUNT_MAX at a time.
 */
export const WINDOW_IDS_MIN = 32_768;
/**
 * Bytes that may wait in our own socket before `send` says to wait: a few times what the socket
 * takes. With more the daemon has read all that it could before this program lets the rest go.
 */
export const SEND_QUEUE_BYTES = 524_288;

assert(REJOIN_MS_MIN < REJOIN_MS_MAX, 'waits grow from the first to the longest');
