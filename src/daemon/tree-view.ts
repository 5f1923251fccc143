/** The router's tables as the services see them. */
import { nodeKeyOf } from '../protocol/address.ts';
import type { NodeState } from '../protocol/status.ts';
import type { Route } from '../router/route.ts';
import { isSeen } from '../router/sightings.ts';
import { parentLink, type Router, selfRecord } from '../router/state.ts';
import type { TreeView } from '../services/census.ts';
import type { Roster } from '../services/roster.ts';

function stateOf(route: Route): NodeState {
  return route.lostAtMs === null ? 'up' : 'lost';
}

/** Nodes of a former run, which the router does not know. */
export type FormerNodes = Pick<Roster, 'away' | 'findAway'>;

const NO_FORMER: FormerNodes = { away: () => [], findAway: () => undefined };

/**
 * A view that always shows the present state of `router`, and flags from where they are. What was
 * known in a former run is lost until it is back.
 */
export function createTreeView(
  router: Router,
  flagsOf: TreeView['flagsOf'],
  former: FormerNodes = NO_FORMER,
): TreeView {
  return {
    flagsOf,
    name: router.config.name,
    get realm() {
      return router.realm;
    },
    get isCutOff() {
      return router.config.parents.length > 0 && parentLink(router) === undefined;
    },
    self: () => selfRecord(router),
    *nodes() {
      for (const route of router.nodes.values()) {
        if (isSeen(route)) yield { record: route.record, state: stateOf(route) };
      }
      for (const record of former.away()) yield { record, state: 'lost' };
    },
    find(name) {
      const route = router.nodes.get(nodeKeyOf(name));
      if (route !== undefined && route.record.name === name && isSeen(route)) {
        return { record: route.record, state: stateOf(route) };
      }
      const record = former.findAway(name);
      return record && { record, state: 'lost' };
    },
    rttMs: (child) => router.children.get(nodeKeyOf(child))?.rttMs ?? null,
    uplinkRttMs: () => parentLink(router)?.rttMs ?? null,
  };
}
