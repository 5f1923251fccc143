/**
 * The flags of the nodes below, as their parents tell of them: held in memory, for as long as the
 * nodes are known. A child speaks for its own subtree only.
 */
import {
  type FlagChange,
  type FlagRecord,
  formatFlagKey,
  type NodeFlags,
  sortFlags,
} from '../protocol/flag.ts';
import { FLAGS_BELOW_MAX } from '../protocol/limits.ts';
import { isBelow, type TreeView } from './census.ts';

export interface FlagLedgerComponents {
  readonly view: TreeView;
  /** What of a flag of a node below is not as it was. */
  onChange(node: string, change: FlagChange, flag: FlagRecord): void;
}

function byName(flags: readonly FlagRecord[]): Map<string, FlagRecord> {
  return new Map(flags.map((flag) => [formatFlagKey(flag), flag]));
}

/** What became of a flag between two words about it; undefined when nothing that is told. */
function compareFlag(before: FlagRecord | undefined, after: FlagRecord): FlagChange | undefined {
  if (before?.state !== after.state) return after.state;
  return before.priority === after.priority ? undefined : 'changed';
}

export class FlagLedger {
  readonly #components: FlagLedgerComponents;
  /** Also of nodes without any: their parents may still hold some. */
  readonly #entries = new Map<string, NodeFlags>();
  #count = 0;

  constructor(components: FlagLedgerComponents) {
    this.#components = components;
  }

  /** Flags that are held. */
  get count(): number {
    return this.#count;
  }

  of(node: string): NodeFlags | undefined {
    return this.#entries.get(node);
  }

  all(): Iterable<NodeFlags> {
    return this.#entries.values();
  }

  /**
   * Takes the word of a child about a node; false when it is not the child's to say, or the node is
   * not known yet. What is older than what is held changes nothing.
   */
  take(child: string, told: NodeFlags): boolean {
    if (!isBelow(this.#components.view, told.node, child)) return false;
    const known = this.#entries.get(told.node);
    if (known !== undefined && told.revision < known.revision) return true;
    this.#count -= known?.flags.length ?? 0;
    const flags = sortFlags(told.flags).slice(0, FLAGS_BELOW_MAX - this.#count);
    this.#count += flags.length;
    const omitted = told.omitted + told.flags.length - flags.length;
    this.#entries.set(told.node, { ...told, flags, omitted });
    this.#tellChanges(known?.flags ?? [], flags, told);
    return true;
  }

  #tellChanges(
    before: readonly FlagRecord[],
    after: readonly FlagRecord[],
    { node, flags, omitted }: NodeFlags,
  ): void {
    const { onChange } = this.#components;
    const old = byName(before);
    for (const flag of after) {
      const change = compareFlag(old.get(formatFlagKey(flag)), flag);
      if (change !== undefined) onChange(node, change, flag);
    }
    // Where some were left out on the way, what is missing need not be over.
    if (omitted > 0) return;
    const up = byName(flags);
    for (const [name, flag] of old) if (!up.has(name)) onChange(node, 'lowered', flag);
  }

  /** The node is known no more. */
  forget(node: string): void {
    this.#count -= this.#entries.get(node)?.flags.length ?? 0;
    this.#entries.delete(node);
  }
}
