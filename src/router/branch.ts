/**
 * Below which child a node is. Mostly that is the way to it; where a shorter way leads over peers,
 * the records tell: from parent to parent one comes to this node, if it stands above.
 */
import { nodeKeyOf } from '../protocol/address.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import type { Link } from './link.ts';
import { Reach } from './route.ts';
import { findRoute } from './routes.ts';
import type { Router } from './state.ts';

/** The link to the child that is, or is above, the node of that name; undefined for any other. */
export function findBranch(router: Router, name: string): Link | undefined {
  let at: string | null = name;
  for (let hops = 0; at !== null && hops < HOPS_MAX; hops++) {
    const key = nodeKeyOf(at);
    const route = findRoute(router, key);
    if (route === undefined) return undefined;
    if (route.reach === Reach.BELOW) return router.links.get(route.via);
    if (route.record.parent === router.config.name) return router.children.get(key);
    at = route.record.parent;
  }
  return undefined;
}
