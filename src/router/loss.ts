/**
 * How what was under way came to be lost, as far as it is known here: which node or link broke, and
 * who noticed it. Half a sentence, which goes on from the name of whoever noticed it.
 */
import { type NodeKey, nodeKeyOf } from '../protocol/address.ts';
import type { ErrorData, ErrorValues } from '../protocol/errors.ts';
import { HOPS_MAX } from '../protocol/limits.ts';
import type { Link } from './link.ts';
import type { Route } from './route.ts';
import type { Router } from './state.ts';

/** Who noticed it, and what: values of E_LOST. */
export interface Loss extends ErrorValues {
  readonly node: string;
  readonly reason: string;
}

/** The highest one of a lost node and of those above it that are lost with it. */
function highestLost(router: Router, route: Route): Route {
  let highest = route;
  for (let hops = 0; hops < HOPS_MAX; hops++) {
    const { parent } = highest.record;
    const above = parent === null ? undefined : router.nodes.get(nodeKeyOf(parent));
    if (above === undefined || above.lostAtMs === null) break;
    highest = above;
  }
  return highest;
}

/** Where the way to a node broke; undefined when that node is not lost. */
export function explainLostNode(router: Router, key: NodeKey): string | undefined {
  const route = router.nodes.get(key);
  if (route === undefined || route.lostAtMs === null) return undefined;
  const { name, parent } = highestLost(router, route).record;
  if (parent === router.config.name) return `has lost its link to ${name}`;
  return `has lost the way ${parent === null ? '' : `from ${parent} `}to ${name}`;
}

/** Noticed by this node. */
export function lossHere(router: Router, reason: string): Loss {
  return { node: router.config.name, reason };
}

/** What a request went out by is no more. */
export function lossOfLink(router: Router, { role, peer }: Link): Loss {
  if (role === 'client') return lossHere(router, 'has lost the program that worked on it');
  return lossHere(router, `has lost its link to ${peer?.name ?? 'a neighbour'}`);
}

/** The link stands, but the way by it to a node does not, or not as it did. */
export function lossOfWay(router: Router, key: NodeKey): Loss {
  const lost = explainLostNode(router, key);
  if (lost !== undefined) return lossHere(router, lost);
  if (router.departed.has(key)) return lossHere(router, 'has heard that it stopped');
  if (!router.nodes.has(key)) return lossHere(router, 'knows no way to it any more');
  return lossHere(router, 'has seen the way to it break and come back');
}

/** Whoever could not pass on a part of an exchange has said why. */
export function lossBy(router: Router, { code, values, origin }: ErrorData): Loss {
  const { node, reason } = values;
  if (code === 'E_UNREACHABLE' && typeof node === 'string' && typeof reason === 'string') {
    return { node, reason };
  }
  const isMissing = code === 'E_NO_SERVICE';
  const said = isMissing ? 'has no such service any more' : 'could not pass on what belongs to it';
  return { node: origin ?? router.config.name, reason: said };
}
