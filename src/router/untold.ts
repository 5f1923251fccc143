/**
 * What neighbours are still to hear of: for each link the nodes that changed since it was last told
 * of them, or that it was never told of. It hears of a bounded number at a time.
 */
import type { NodeKey } from '../protocol/address.ts';
import { ADVERT_RECORDS_MAX } from '../protocol/limits.ts';
import type { Link } from './link.ts';
import { markDirty, News } from './routes.ts';
import type { Router } from './state.ts';

/** A node, and what there is to say of it: flags of {@link News}. */
export type Untold = readonly [key: NodeKey, news: number];

/** All that is reached from here, and this node: who is nearest first. */
function listAll(router: Router): NodeKey[] {
  const routes = [...router.nodes.values()].filter(({ lostAtMs }) => lostAtMs === null);
  return [router.key, ...routes.sort((a, b) => a.metric - b.metric).map(({ key }) => key)];
}

function addAll(router: Router, { untold }: Link): void {
  for (const key of listAll(router)) if (!untold.has(key)) untold.set(key, News.CHANGED);
}

/** A neighbour is to hear of everything: it has heard nothing yet, or from now on hears of more. */
export function announceAll(router: Router, link: Link, nowMs: number): void {
  if (link.isTold) addAll(router, link);
  markDirty(router, router.key, nowMs);
}

/** A neighbour is to hear of these; one that has heard nothing yet, of what there is now. */
export function noteUntold(router: Router, link: Link, due: readonly Untold[]): void {
  const { untold } = link;
  if (!link.isTold) addAll(router, link);
  else for (const [key, news] of due) untold.set(key, news | (untold.get(key) ?? 0));
  link.isTold = true;
}

/** Takes off the list what a neighbour is told next. */
export function takeUntold({ untold }: Link): Untold[] {
  const taken: Untold[] = [];
  for (const each of untold) {
    if (taken.length === ADVERT_RECORDS_MAX) break;
    taken.push(each);
    untold.delete(each[0]);
  }
  return taken;
}
