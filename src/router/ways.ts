/**
 * The next hop. Explicit routes never form a circle (route.ts). The default route points up, and
 * only what has taken no explicit route yet may take it: it came from below or from here, without
 * the mark that an explicit route upwards leaves. All else goes on by an explicit route or is
 * rejected. So a frame climbs by default routes for a while, then takes explicit ones to its end,
 * and nothing can circle.
 */
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { At, EXPLICIT_MARK } from '../protocol/frame.ts';
import { findNearest } from './anycast.ts';
import { errorAt } from './emit.ts';
import type { Link } from './link.ts';
import { explainLostNode } from './loss.ts';
import { Reach, type Route } from './route.ts';
import { findRoute } from './routes.ts';
import { parentLink, type Router } from './state.ts';

/** Where a frame goes, or why it goes nowhere. */
export type Way =
  /** `node` is whom it will reach: 0 while only somebody further up knows. */
  Course | { readonly error: ErrorData };

export interface Course {
  readonly link: Link;
  readonly node: NodeKey;
  /** For the hop byte: EXPLICIT_MARK when it goes up by an explicit route, else 0. */
  readonly mark: number;
}

/** What is looked for: `mark` is that of the hop byte of a frame from another node. */
export interface Target {
  readonly toNode: NodeKey;
  readonly toService: ServiceKey;
  readonly mark?: number;
}

/** Notes in the hop byte whether the frame may take a default route further on. */
export function setMark(view: DataView, at: number, mark: number): void {
  view.setUint8(at + At.HOPS, (view.getUint8(at + At.HOPS) & ~EXPLICIT_MARK) | mark);
}

/** Why this node cannot pass on what is for another one, as people say it. */
function explainGap(router: Router, toNode: NodeKey, isBack: boolean): string {
  if (isBack) return 'knows no way but back';
  const lost = explainLostNode(router, toNode);
  if (lost !== undefined) return lost;
  if (router.config.parents.length > 0 && parentLink(router) === undefined) {
    return 'knows no way without its parent, which is away';
  }
  return 'knows no way';
}

function unreachable(router: Router, toNode: NodeKey, isBack = false): Way {
  const to = router.nodes.get(toNode)?.record.name ?? 'the receiver';
  const reason = explainGap(router, toNode, isBack);
  return { error: errorAt(router, 'E_UNREACHABLE', { to, node: router.config.name, reason }) };
}

function findLocal(router: Router, service: ServiceKey): Way {
  const link = router.endpoints.get(service);
  if (link !== undefined) return { link, node: router.key, mark: 0 };
  const values = { node: router.config.name, service: 'of that name' };
  return { error: errorAt(router, 'E_NO_SERVICE', values) };
}

/** The link of an explicit route. The parent is next to us, wherever a way over peers leads. */
function linkTo(router: Router, route: Route, from: Link | undefined): Link | undefined {
  const up = route.reach === Reach.BELOW || from?.role === 'peer' ? undefined : parentLink(router);
  const isParent = up !== undefined && up !== from && up.peer?.id === route.record.id;
  return isParent ? up : router.links.get(route.via);
}

/** The next hop of a frame that came by `from`; from nowhere when it was made here. */
export function findWay(router: Router, target: Target, from?: Link): Way {
  const { toNode, toService, mark = 0 } = target;
  if (toNode === router.key) return findLocal(router, toService);
  if (toNode === 0) {
    const link = router.endpoints.get(toService);
    if (link !== undefined) return { link, node: router.key, mark: 0 };
  }
  const route = toNode === 0 ? findNearest(router, toService, from) : findRoute(router, toNode);
  const next = route && linkTo(router, route, from);
  if (route !== undefined && next !== undefined) {
    if (next === from) return unreachable(router, toNode, true);
    return { link: next, node: route.key, mark: next.role === 'parent' ? EXPLICIT_MARK : mark };
  }
  if (from?.role === 'peer' || mark !== 0) return unreachable(router, toNode);
  // A node that was lost from below may have come back elsewhere: above they know.
  const up = parentLink(router);
  if (up === undefined || up === from) return unreachable(router, toNode);
  return { link: up, node: toNode, mark: 0 };
}
