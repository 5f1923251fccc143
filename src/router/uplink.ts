/** The uplink: what is special of the link to the parent, and of its dialler. */
import type { ErrorData } from '../protocol/errors.ts';
import type { Welcome } from '../protocol/handshake.ts';
import { handleDiallerLost, holdLink } from './dialling.ts';
import { emitEvent } from './emit.ts';
import type { Link } from './link.ts';
import { announceAll, markDirty } from './routes.ts';
import type { Router } from './state.ts';

/** The parent took us: the default route stands, and it hears all that we know. */
export function handleWelcomed(router: Router, link: Link, welcome: Welcome, nowMs: number): void {
  const { uplink } = router;
  // It has not settled before the top knows us.
  holdLink(uplink, link, null);
  router.realm ??= welcome.realm;
  router.depth = welcome.depth + 1;
  link.role = 'parent';
  router.tableVersion++;
  announceAll(router, link, nowMs);
  emitEvent(router, {
    kind: 'uplinkUp',
    parent: welcome.record,
    url: uplink.last.url,
    depth: router.depth,
  });
}

/** The link to the parent, or the attempt at one, is over. */
export function handleUplinkLost(router: Router, error: ErrorData, nowMs: number): void {
  const { uplink } = router;
  const wasUp = uplink.phase === 'up';
  uplink.isJoined = false;
  handleDiallerLost(router, uplink, error, nowMs);
  if (!wasUp) return;
  // The peers are to know that it has no parent now.
  if (router.peers.size > 0) markDirty(router, router.key, nowMs);
  emitEvent(router, { kind: 'uplinkDown', error });
}
