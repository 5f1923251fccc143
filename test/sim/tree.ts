/** The trees that the nodes of a simulation form. */
import type { SimNode } from './node.ts';

/** Who is connected to whom, as the two ends of each uplink agree. */
export interface Tree {
  readonly parentOf: ReadonlyMap<SimNode, SimNode>;
  readonly childrenOf: ReadonlyMap<SimNode, readonly SimNode[]>;
  /** Nodes whose uplink has no other end: it broke, and they have not heard of it yet. */
  readonly ghosts: readonly SimNode[];
}

/** The node at the other end of a node's uplink, when that has the same connection. */
function peerOf(node: SimNode): SimNode | undefined {
  const attached = node.links.get(node.router.uplink.link ?? -1);
  const links = [...(attached?.peer?.links.values() ?? [])];
  const isMutual = links.some(({ wire }) => wire === attached?.wire);
  return isMutual ? (attached?.peer ?? undefined) : undefined;
}

export function readTree(nodes: readonly SimNode[]): Tree {
  const parentOf = new Map<SimNode, SimNode>();
  const childrenOf = new Map<SimNode, SimNode[]>();
  const ghosts: SimNode[] = [];
  for (const node of nodes) {
    if (node.router.uplink.phase !== 'up') continue;
    const parent = peerOf(node);
    if (parent === undefined) {
      ghosts.push(node);
      continue;
    }
    parentOf.set(node, parent);
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), node]);
  }
  return { parentOf, childrenOf, ghosts };
}

/** The top of the tree that a node is in, and how far up it is. A ring has no top: anyone of it. */
export function topOf(
  tree: Tree,
  node: SimNode,
): { readonly top: SimNode; readonly depth: number } {
  let top = node;
  let depth = 0;
  for (let up = tree.parentOf.get(top); up !== undefined; up = tree.parentOf.get(top)) {
    top = up;
    if (++depth > tree.parentOf.size) break;
  }
  return { top, depth };
}
