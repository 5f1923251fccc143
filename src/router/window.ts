/**
 * What a program of this node has had before. A way that breaks and heals, or turns, may bring an
 * envelope of another node twice or late: of each sender the numbers that came are remembered
 * (duplicates.ts), a second one is dropped and counted, and so is one that is too old to tell.
 */
import { At, Flag, KEPT, Kind } from '../protocol/frame.ts';
import { isFirst, remember } from './duplicates.ts';
import { askerOf } from './serving.ts';
import type { Router } from './state.ts';

/**
 * Whether a MESSAGE or REQUEST of another node, for a program of this one, is here for the first
 * time; anything else always is. One that a router made has no seed, and no window.
 */
export function isFirstHere(router: Router, view: DataView, at: number, nowMs: number): boolean {
  const kind = view.getUint8(at + At.KIND);
  const isNew = kind === Kind.MESSAGE || kind === Kind.REQUEST;
  if (!isNew || (view.getUint8(at + At.FLAGS) & Flag.RESPONSE) !== 0) return true;
  const seed = view.getUint32(at + At.SEED);
  if (seed === 0) return true;
  // The low half of the key is enough, and a division of the whole would cost more than the rest.
  const sender = askerOf(seed, view.getUint32(at + At.FROM_NODE + 4));
  const number = view.getUint32(at + At.NUMBER);
  const memory = remember(router.received, sender, number, nowMs);
  const isKept = kind === Kind.MESSAGE && view.getUint8(at + At.CHANNEL) === KEPT;
  // What was kept on its way comes late, among others that were kept: they have one more window.
  const isNews = isKept
    ? isFirst(router.received, -1 - sender, number, nowMs) && memory !== 'seen'
    : memory === 'first';
  if (isNews) return true;
  router.counters.droppedDuplicate++;
  return false;
}
