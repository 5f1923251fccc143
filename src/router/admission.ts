/**
 * Letting neighbours in at a pace that this node can bear: a token bucket. Who finds it empty is
 * told when to come again: each a place further back in the line, so that those who all come at
 * once, because their parent was away, come back one after the other. Nothing is kept of them.
 */
import {
  ADMISSION_BURST_MAX,
  ADMISSIONS_PER_SECOND_MAX,
  RETRY_AFTER_MS_MAX,
} from '../protocol/limits.ts';

export interface Admission {
  /** Who may come in at once, as of `atMs`. */
  tokens: number;
  atMs: number;
  /** Until when the places of those are taken who were told to wait. */
  lineEndAtMs: number;
}

/** What comes back into the bucket: with a full one at its beginning, no second sees more. */
const TOKENS_PER_MS = (ADMISSIONS_PER_SECOND_MAX - ADMISSION_BURST_MAX) / 1_000;

export function createAdmission(): Admission {
  return { tokens: ADMISSION_BURST_MAX, atMs: 0, lineEndAtMs: 0 };
}

/** Takes a place at the end of the line; returns the milliseconds until it is its turn. */
export function bookMs(admission: Admission, nowMs: number): number {
  const endAtMs = Math.max(admission.lineEndAtMs, nowMs) + 1 / TOKENS_PER_MS;
  admission.lineEndAtMs = Math.min(endAtMs, nowMs + RETRY_AFTER_MS_MAX);
  return Math.ceil(admission.lineEndAtMs - nowMs);
}

/** Lets one in; false when too many have come in just now. */
export function admit(admission: Admission, nowMs: number): boolean {
  const gained = (nowMs - admission.atMs) * TOKENS_PER_MS;
  admission.tokens = Math.min(ADMISSION_BURST_MAX, admission.tokens + gained);
  admission.atMs = nowMs;
  if (admission.tokens < 1) return false;
  admission.tokens--;
  return true;
}
