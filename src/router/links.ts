/** The end of a link, for whatever reason: what it took along is given up, and who must know is told. */
import type { ErrorData } from '../protocol/errors.ts';
import { Kind } from '../protocol/frame.ts';
import { emitEvent, emitFrame } from './emit.ts';
import { cancelRequestsOf, loseRequestsVia, rejectServed } from './pending.ts';
import { forgetRoute, loseRoute, markDirty, routesVia } from './routes.ts';
import type { Link, Router } from './state.ts';
import { handleUplinkLost } from './uplink.ts';

/** Nodes that were reached by the link are lost; its own peer is forgotten when it said goodbye. */
function dropChild(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  const hasLeft = error.code === 'E_LEAVING';
  for (const route of routesVia(router, link.id)) {
    if (hasLeft && route.record.name === link.peer?.name) forgetRoute(router, route, nowMs);
    else loseRoute(router, route, nowMs);
  }
  if (link.peer !== null) emitEvent(router, { kind: 'childDown', record: link.peer, error });
}

function dropClient(router: Router, link: Link, nowMs: number): void {
  cancelRequestsOf(router, link);
  rejectServed(router, link, [...link.services.values()].at(-1) ?? '');
  for (const key of link.services.keys()) removeService(router, link, key, nowMs);
}

/** Frees the name of a service. */
export function removeService(router: Router, link: Link, key: number, nowMs: number): void {
  const name = link.services.get(key);
  if (name === undefined) return;
  link.services.delete(key);
  router.endpoints.delete(key);
  router.tableVersion++;
  if (name.startsWith('~')) return;
  markDirty(router, router.key, nowMs);
  emitEvent(router, { kind: 'serviceDown', service: name });
}

/** Gives up a link whose connection is gone. */
export function forgetLink(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  router.links.delete(link.id);
  router.tableVersion++;
  switch (link.role) {
    case 'child':
      dropChild(router, link, error, nowMs);
      break;
    case 'client':
      dropClient(router, link, nowMs);
      break;
    case 'parent':
      break;
    case 'unknown':
      if (link.id !== router.uplink.link)
        emitEvent(router, { kind: 'linkRefused', link: link.id, error });
      break;
    case 'builtin':
      break;
  }
  loseRequestsVia(router, link.id, link.peer?.name ?? router.config.name);
  if (link.id === router.uplink.link) handleUplinkLost(router, error, nowMs);
}

/** Ends a link: tells the other side why, closes the connection, and gives it up. */
export function dropLink(router: Router, link: Link, error: ErrorData, nowMs: number): void {
  const kind = link.phase === 'open' ? Kind.GOODBYE : Kind.REFUSE;
  if (link.phase !== 'welcome') emitFrame(router, link.id, { kind }, { error });
  router.outputs.push({ kind: 'close', link: link.id, error });
  forgetLink(router, link, error, nowMs);
}
