/**
 * A parent that has all the children it takes names agents below it that may take more: the nearest
 * first, beginning with another one each time, so that the load spreads. One that could take
 * others itself gets the place of a child that cannot: docs/adr/0031.
 */
import { REDIRECT_LIST_MS, REDIRECT_URLS_MAX } from '../protocol/limits.ts';
import type { NodeRecord } from '../protocol/record.ts';
import type { Link } from './link.ts';
import { Reach, type Route } from './route.ts';
import type { Router } from './state.ts';

/** Agents below that can be dialled, those of one distance together, the nearest first. */
export interface Havens {
  readonly groups: readonly (readonly Route[])[];
  readonly atMs: number;
}

/** Whether others can be below a node: it takes children, and says where it can be dialled. */
function takesChildren({ role, urls }: NodeRecord): boolean {
  return role !== 'leaf' && urls.length > 0;
}

function canTake({ record, lostAtMs, reach }: Route): boolean {
  return lostAtMs === null && reach === Reach.BELOW && takesChildren(record);
}

/** Whether a child may have to give its place away: nobody is below it, or can be. */
function isSpare({ peer, reached }: Link): boolean {
  if (peer === null || takesChildren(peer)) return false;
  return peer.role === 'leaf' || reached.size <= 1;
}

/**
 * Of a full node: the child that gives its place to a newcomer which takes children. The one that
 * goes finds a place below it; the other way round, the newcomer with all its own might find none.
 * The child that came last, so that those who were there before an agent left stay where they were.
 */
export function findSpare(router: Router, newcomer: NodeRecord): Link | undefined {
  if (!takesChildren(newcomer)) return undefined;
  return [...router.children.values()].findLast(isSpare);
}

function listHavens(router: Router, nowMs: number): Havens {
  const groups = new Map<number, Route[]>();
  for (const route of router.nodes.values()) {
    if (!canTake(route)) continue;
    const group = groups.get(route.metric);
    if (group === undefined) groups.set(route.metric, [route]);
    else group.push(route);
  }
  const inOrder = [...groups.keys()].sort((a, b) => a - b);
  return { groups: inOrder.map((metric) => groups.get(metric) ?? []), atMs: nowMs };
}

/** URLs for a newcomer of that id; none when nobody below can be dialled. */
export function drawRedirect(router: Router, id: string, nowMs: number): string[] {
  // Looking through all nodes for each of a crowd would take too long.
  const isStale = router.havens === null || nowMs - router.havens.atMs >= REDIRECT_LIST_MS;
  const havens = isStale || router.havens === null ? listHavens(router, nowMs) : router.havens;
  router.havens = havens;
  const turn = router.redirectTurn++;
  const urls: string[] = [];
  for (const group of havens.groups) {
    for (let n = 0; n < group.length && urls.length < REDIRECT_URLS_MAX; n++) {
      const route = group[(turn + n) % group.length];
      if (route === undefined || route.lostAtMs !== null || route.record.id === id) continue;
      urls.push(...route.record.urls);
    }
  }
  return urls.slice(0, REDIRECT_URLS_MAX);
}
