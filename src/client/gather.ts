/** The same question to many nodes, some at a time: what they say, and who says nothing. */

/** A node that did not tell, and why. */
export interface Silence {
  readonly node: string;
  readonly reason: string;
}

export interface Gathered<Item> {
  readonly items: readonly Item[];
  readonly silent: readonly Silence[];
  /** Nodes that were not asked, since there are too many of them, or of what the others told. */
  readonly unaskedCount: number;
}

/** Nodes that are asked. */
export const GATHER_NODES_MAX = 500;
/** Nodes that are asked at a time. */
export const GATHER_AT_ONCE = 32;
/** Things that they told, after which no further node is asked. */
export const GATHER_ITEMS_MAX = 20_000;

/** Asks the first GATHER_NODES_MAX of `nodes`. A node whose answer fails is a silent one. */
export async function gather<Item>(
  nodes: readonly string[],
  ask: (node: string) => Promise<readonly Item[]>,
): Promise<Gathered<Item>> {
  const items: Item[] = [];
  const silent: Silence[] = [];
  let askedCount = 0;
  const askOn = async (): Promise<void> => {
    while (askedCount < Math.min(nodes.length, GATHER_NODES_MAX)) {
      if (items.length >= GATHER_ITEMS_MAX) return;
      const node = nodes[askedCount++]!;
      try {
        for (const item of await ask(node)) items.push(item);
      } catch (error) {
        silent.push({ node, reason: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: GATHER_AT_ONCE }, askOn));
  return { items, silent, unaskedCount: nodes.length - askedCount };
}
