/**
 * Showing what passes, to whoever sniffs at this node. While nobody does, the way of a frame costs
 * one look at `router.tap` more, which is null.
 */
import { SNIFF_SERVICE, serviceKeyOf } from '../protocol/address.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import { At } from '../protocol/frame.ts';
import type { Link } from './link.ts';
import type { Router } from './state.ts';

/** What is known of the frame that is being routed, for those who look. */
export interface Tap {
  /** Why it ends here. */
  code: ErrorCode | null;
}

const SNIFF_KEY = serviceKeyOf(SNIFF_SERVICE);

/** What is sniffed is not shown: here and at any other node, each record would cause the next. */
function isSniffed(frame: Buffer): boolean {
  if (frame.readUInt32BE(At.TO_SERVICE) === SNIFF_KEY) return true;
  return frame.readUInt32BE(At.FROM_SERVICE) === SNIFF_KEY;
}

/** Begins, or ends, to show what passes. */
export function handleTap(router: Router, isOn: boolean): void {
  router.tap = isOn ? { code: null } : null;
}

/** Shows a frame that came by `from` and left by `to`, or ended here. */
export function tapPassing(router: Router, from: Link, to: Link | null, bytes: Buffer): void {
  const { tap } = router;
  if (tap === null) return;
  const code = to === null ? tap.code : null;
  tap.code = null;
  if (isSniffed(bytes)) return;
  const { outputs } = router;
  // What this frame was answered with at once was shown just now: it belongs behind the frame.
  const isAnswered = code !== null && outputs.at(-2)?.kind === 'tapped';
  const place = isAnswered ? outputs.length - 2 : outputs.length;
  outputs.splice(place, 0, { kind: 'tapped', tapped: { bytes, from, to, code } });
}

/** Shows a frame that this router made; `to` is null where nothing leads to its receiver. */
export function tapMade(router: Router, to: Link | null, bytes: Buffer): void {
  if (isSniffed(bytes)) return;
  router.outputs.push({ kind: 'tapped', tapped: { bytes, from: null, to, code: null } });
}
