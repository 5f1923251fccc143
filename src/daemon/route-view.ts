/** The router's table of ways as the services see it. */
import type { LinkId } from '../router/io.ts';
import type { Link } from '../router/link.ts';
import { type Candidate, isFeasible, NOWHERE, Reach, type Route } from '../router/route.ts';
import { parentLink, type Router } from '../router/state.ts';
import type { LinkRecord, OtherWay, RouteRecord, RouteView } from '../services/route-list.ts';
import type { Traffic } from './driver.ts';
import { nameOf } from './tap-view.ts';

const REACHES: Readonly<Record<Reach, string>> = {
  [Reach.BELOW]: 'below',
  [Reach.ACROSS]: 'across',
  [Reach.BEYOND]: 'beyond',
  [Reach.ABOVE]: 'above',
};

function nameLink(router: Router, link: number): string {
  return router.links.get(link)?.peer?.name ?? `link ${link}`;
}

function describeOther(router: Router, route: Route, via: number, way: Candidate): OtherWay {
  const { metric, seqno, reach } = way;
  return {
    via: nameLink(router, via),
    metric,
    seqno,
    reach: REACHES[reach],
    isFeasible: isFeasible(route, way),
  };
}

function describeRoute(router: Router, route: Route): RouteRecord {
  const { record, via, metric, reach, nearest, others, lostAtMs } = route;
  const ways = [...(others ?? [])];
  return {
    type: 'route',
    node: record.name,
    role: record.role,
    parent: record.parent,
    state: lostAtMs === null ? 'up' : 'lost',
    via: via === NOWHERE ? null : nameLink(router, via),
    metric,
    reach: REACHES[reach],
    seqno: record.seqno,
    nearest,
    others: ways.map(([link, way]) => describeOther(router, route, link, way)),
  };
}

function describeLink(link: Link, nowMs: number, traffic: Traffic): LinkRecord {
  const { sentBytes, heardBytes } = traffic;
  const { role, rttMs, heardAtMs, isCongested, pending, serving } = link;
  return {
    type: 'link',
    peer: nameOf(link),
    as: role,
    rttMs: rttMs === null ? null : Number(rttMs.toFixed(3)),
    heardMs: Math.max(0, Math.round(nowMs - heardAtMs)),
    sentBytes,
    heardBytes,
    isSlow: isCongested,
    asking: pending.size,
    serving: serving.count,
  };
}

/** What the view shows that the router does not know. */
export interface RouteSources {
  /** The time by the router's clock. */
  nowMs(): number;
  traffic(link: LinkId): Traffic;
}

/** A view that always shows the present table of `router`. */
export function createRouteView(router: Router, { nowMs, traffic }: RouteSources): RouteView {
  return {
    table: () => ({
      type: 'table',
      node: router.config.name,
      role: router.config.role,
      realm: router.realm,
      defaultVia: parentLink(router)?.peer?.name ?? null,
      routes: router.nodes.size,
      lost: router.lost.size,
      links: [...router.links.values()].filter(({ peer }) => peer !== null).length,
    }),
    *links() {
      for (const link of router.links.values()) {
        const isShown = link.phase === 'open' && link.role !== 'builtin';
        if (isShown) yield describeLink(link, nowMs(), traffic(link.id));
      }
    },
    *hints() {
      for (const [serviceKey, { node, untilMs }] of router.hints) {
        const forMs = Math.max(0, Math.round(untilMs - nowMs()));
        yield { type: 'hint', serviceKey, nodeKey: node, forMs };
      }
    },
    *routes() {
      for (const route of router.nodes.values()) yield describeRoute(router, route);
    },
  };
}
