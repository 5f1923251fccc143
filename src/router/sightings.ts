/**
 * What observers are told of nodes that come, change and go. Of those above, which only a gateway
 * hears of, they are told nothing: what is seen there is the parent's to show.
 */
import { emitEvent } from './emit.ts';
import { Reach, type Route } from './route.ts';
import type { Router } from './state.ts';

/** Whether observers of this node see a node: it is, or was last, reached without the parent. */
export function isSeen({ reach }: Route): boolean {
  return reach !== Reach.ABOVE;
}

/** A node is up, as before or anew; `hasNews` when its record or its distance is another one. */
export function showChange(router: Router, before: Route, route: Route, hasNews: boolean): void {
  const { record } = route;
  if (!isSeen(route)) {
    if (isSeen(before)) emitEvent(router, { kind: 'nodeGone', record });
  } else if (!isSeen(before) || before.lostAtMs !== null) {
    emitEvent(router, { kind: 'nodeUp', record });
  } else if (hasNews) {
    emitEvent(router, { kind: 'nodeChanged', record });
  }
}

/** A node is lost, or forgotten. */
export function showLoss(router: Router, route: Route, kind: 'nodeLost' | 'nodeGone'): void {
  if (isSeen(route)) emitEvent(router, { kind, record: route.record });
}
