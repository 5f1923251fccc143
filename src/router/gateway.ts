/** What a node keeps to be a gateway: see bridging.ts. */
import type { Link } from './link.ts';

export interface Gateway {
  /** Whether this node is one: it wants to hear of all nodes, and has told its parent so. */
  isOn: boolean;
  /** How often it began to be one. Adverts from above repeat it. */
  number: number;
  /** The children that are gateways. */
  readonly children: Set<Link>;
}

export function createGateway(): Gateway {
  return { isOn: false, number: 0, children: new Set() };
}
