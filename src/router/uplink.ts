/** The uplink: what is special of the link to the parent, and of its dialler. */
import type { ErrorData } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/handshake.ts';
import { CUT_OFF_HOLDS, CUT_OFF_HOLDS_MAX } from '../protocol/limits.ts';
import { reviewGateway } from './bridging.ts';
import { handleDiallerLost, holdLink } from './dialling.ts';
import { emitEvent } from './emit.ts';
import type { Link } from './link.ts';
import { markDirty } from './routes.ts';
import { type Router, wakeBy } from './state.ts';
import { announceAll } from './untold.ts';

/** The parent took us: the default route stands, and it hears all that we know. */
export function handleWelcomed(router: Router, link: Link, welcome: Welcome, nowMs: number): void {
  const { uplink } = router;
  // It has not settled before the top knows us.
  holdLink(uplink, link, null);
  uplink.isAfterTop = false;
  router.realm ??= welcome.realm;
  router.depth = welcome.depth + 1;
  followTop(router, welcome.top, nowMs);
  link.role = 'parent';
  router.tableVersion++;
  announceAll(router, link, nowMs);
  reviewGateway(router, nowMs);
  emitEvent(router, {
    kind: 'uplinkUp',
    parent: welcome.record,
    url: uplink.last.url,
    depth: router.depth,
  });
}

/** The parent has said which node is at the top, as far as it has a way there. */
export function followTop(router: Router, top: string | null, nowMs: number): void {
  const { uplink } = router;
  router.top = top;
  if (top === null) endTop(router, nowMs);
  else uplink.topAtMs ??= nowMs;
  uplink.cutOffAtMs = top === null ? (uplink.cutOffAtMs ?? nowMs) : null;
}

/**
 * There is no way to the top any more. Only when there was one for long, leaving was not in vain:
 * a parent that waits for its name to become free passes by at the top now and then.
 */
function endTop({ uplink, config }: Router, nowMs: number): void {
  const { topAtMs } = uplink;
  uplink.topAtMs = null;
  if (topAtMs === null || nowMs - topAtMs < CUT_OFF_HOLDS * config.holdMs) return;
  uplink.leaveCount = 0;
}

/** Milliseconds for which a parent may be cut off: longer each time that it was left in vain. */
export function cutOffMs({ uplink }: Router, holdMs: number): number {
  return holdMs * Math.min(CUT_OFF_HOLDS_MAX, CUT_OFF_HOLDS * 2 ** uplink.leaveCount);
}

/** Whether the parent has been cut off from the top for so long that another one may be better. */
export function isLongCutOff(router: Router, holdMs: number, nowMs: number): boolean {
  const { cutOffAtMs, urls, last } = router.uplink;
  const hasOthers = urls.length > 1 || last.entry !== last.url;
  return hasOthers && cutOffAtMs !== null && nowMs - cutOffAtMs >= cutOffMs(router, holdMs);
}

/** Whether a parent is no better than the one that was left, which will be asked again after it. */
export function isNoBetter({ uplink }: Router, top: string | null): boolean {
  return uplink.isAfterTop && top === null && uplink.queue.length > 1;
}

/** The link to the parent, or the attempt at one, is over. */
export function handleUplinkLost(router: Router, error: ErrorData, nowMs: number): void {
  const { uplink } = router;
  const wasUp = uplink.phase === 'up';
  uplink.isJoined = false;
  uplink.cutOffAtMs = null;
  if (wasUp) {
    endTop(router, nowMs);
    uplink.isAfterTop = error.code === 'E_PARENT_CUT_OFF';
    if (uplink.isAfterTop) uplink.leaveCount++;
    // Those below learn it with a PING, which is due now.
    router.top = null;
    for (const child of router.children.values()) child.pingAtMs = nowMs;
    wakeBy(router, 'links', nowMs);
  }
  handleDiallerLost(router, uplink, error, nowMs);
  if (!wasUp) return;
  // The peers are to know that it has no parent now.
  if (router.peers.size > 0) markDirty(router, router.key, nowMs);
  emitEvent(router, { kind: 'uplinkDown', error });
}
