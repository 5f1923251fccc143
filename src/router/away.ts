/**
 * Who is known but away: nodes that were reached from here, and services that were registered here,
 * in this run of the node.
 */
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import type { FrameHeader } from '../protocol/frame.ts';
import { AWAY_MAX } from '../protocol/limits.ts';
import type { Router } from './state.ts';

/** By key: the names. Those that went first are first. */
export interface Away {
  readonly nodes: Map<NodeKey, string>;
  readonly services: Map<ServiceKey, string>;
}

export function createAway(): Away {
  return { nodes: new Map(), services: new Map() };
}

function noteAway(away: Map<number, string>, key: number, name: string): void {
  away.delete(key);
  const [oldest] = away.keys();
  if (away.size >= AWAY_MAX && oldest !== undefined) away.delete(oldest);
  away.set(key, name);
}

/** A node was reached from here, and is forgotten. */
export function noteAwayNode(router: Router, key: NodeKey, name: string): void {
  noteAway(router.holding.away.nodes, key, name);
}

/** A service was registered here. */
export function noteAwayService(router: Router, key: ServiceKey, name: string): void {
  noteAway(router.holding.away.services, key, name);
}

/** The name of a receiver that is known but away; undefined when it is not. */
export function nameAway(router: Router, { toNode, toService }: FrameHeader): string | undefined {
  const { nodes, services } = router.holding.away;
  if (toNode === router.key || toNode === 0) {
    const service = services.get(toService);
    return service === undefined ? undefined : `${router.config.name}:${service}`;
  }
  const route = router.nodes.get(toNode);
  if (route === undefined) return nodes.get(toNode);
  return route.lostAtMs === null ? undefined : route.record.name;
}
