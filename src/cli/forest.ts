/**
 * The tree as branches, each with those below it. Siblings that are alike and have nobody below
 * them can be one branch: forty web servers are `web[1-40]`.
 */
import { sortNaturally } from '../base/natural.ts';
import { foldNames } from '../protocol/node-set.ts';
import type { NodeStatus } from '../protocol/status.ts';

export interface Branch {
  /** The name of its node, or those of several in short. */
  readonly name: string;
  /** One, or those that are alike, in natural order. */
  readonly nodes: readonly [NodeStatus, ...NodeStatus[]];
  readonly below: readonly Branch[];
}

export interface ForestOptions {
  readonly isFolded: boolean;
  /** Names of nodes that have others below them, also where those are not shown. */
  readonly parents: ReadonlySet<string>;
}

/** Fewer are told one by one: short is not clearer then. */
const ALIKE_MIN = 3;

/** Names of nodes that others name as their parent. */
export function parentsOf(nodes: readonly NodeStatus[]): Set<string> {
  return new Set(nodes.map(({ parent }) => parent).filter((parent) => parent !== null));
}

/** What siblings that are told as one have in common: all but their numbers and round trips. */
function likenessOf({ name, role, state, services, labels, flags }: NodeStatus): string {
  const shape = name.replace(/\d+/g, '#');
  const pairs = Object.entries(labels).sort();
  return JSON.stringify([shape, role, state, services.toSorted(), pairs, flags ?? null]);
}

class Grower {
  readonly #children: Map<string | null, NodeStatus[]>;
  readonly #options: ForestOptions;
  readonly #grown = new Set<NodeStatus>();

  constructor(nodes: readonly NodeStatus[], options: ForestOptions) {
    this.#options = options;
    const names = new Set(nodes.map(({ name }) => name));
    this.#children = Map.groupBy(nodes, ({ parent }) =>
      parent !== null && names.has(parent) ? parent : null,
    );
  }

  /** Branches of those siblings that are not in any yet. */
  grow(siblings: readonly NodeStatus[]): Branch[] {
    const left = siblings.filter((node) => !this.#grown.has(node));
    const branches: Branch[] = [];
    for (const group of this.#groups(sortNaturally(left, ({ name }) => name))) {
      const [first, ...others] = group.filter((node) => !this.#grown.has(node));
      if (first === undefined) continue;
      for (const node of group) this.#grown.add(node);
      const name = others.length === 0 ? first.name : foldNames(group.map((node) => node.name));
      const below = this.grow(this.#children.get(first.name) ?? []);
      branches.push({ name, nodes: [first, ...others], below });
    }
    return branches;
  }

  growTops(): Branch[] {
    return this.grow(this.#children.get(null) ?? []);
  }

  /** Those that are alike stand where the first of them would. */
  #groups(siblings: readonly NodeStatus[]): NodeStatus[][] {
    const { isFolded, parents } = this.#options;
    const groups = Map.groupBy(siblings, (node) =>
      isFolded && !parents.has(node.name) ? likenessOf(node) : node.name,
    );
    const all = [...groups.values()];
    const split = all.flatMap((group) =>
      group.length < ALIKE_MIN ? group.map((node) => [node]) : [group],
    );
    return sortNaturally(split, ([first]) => first?.name ?? '');
  }
}

/** The branches of nodes. Those whose parent is not among them stand at the top. */
export function growForest(nodes: readonly NodeStatus[], options: ForestOptions): Branch[] {
  const grower = new Grower(nodes, options);
  // News that crossed on their way can make two nodes each other's parent, for a moment.
  return [...grower.growTops(), ...grower.grow(nodes)];
}
