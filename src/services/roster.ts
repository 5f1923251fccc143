/**
 * The nodes that a node knows, kept for its next run: whoever asks for all of them after a restart
 * must hear of those that have not come back. They are lost, as a node is whose way broke, for
 * LOST_NODE_MS from the start; then they are forgotten. Most come back at once: that the others are
 * lost happens, for those who follow what happens, when nobody waits for them any more.
 *
 * The file is replaced as a whole, and no more often than costs a hundredth of a processor.
 */
import type { Clock } from '../ports/clock.ts';
import type { KeptValue } from '../ports/kept-value.ts';
import type { Logger } from '../ports/logger.ts';
import {
  LOST_NODE_MS,
  NODES_MAX,
  ROSTER_DELAY_MS,
  ROSTER_QUIET_MS,
  ROSTER_WAIT_MS,
} from '../protocol/limits.ts';
import { type NodeRecord, parseRecord } from '../protocol/record.ts';
import { restoreKept } from './restore.ts';

/** Pause after a write: so many times what it took. */
const PAUSE_FACTOR = 100;

export interface RosterComponents {
  readonly clock: Clock;
  readonly log: Logger;
  readonly kept: KeptValue;
  /** A node of a former run has not come back, and is not waited for any more. */
  onLost(record: NodeRecord): void;
  /** Nor has it come back since, and is known no more. */
  onGone(record: NodeRecord): void;
}

/** One who asks for nodes that may come back. */
interface Waiting {
  readonly names: Set<string>;
  readonly settle: () => void;
}

/** What is kept of a node: what it is. What it has now, it will tell when it is back. */
function toEntry({ name, id, role, parent, labels, version, incarnation }: NodeRecord) {
  return { name, id, role, parent, labels, version, incarnation };
}

/** Of one run of a node, all of it but the parent stays as it is. */
function isSameEntry(a: NodeRecord | undefined, b: NodeRecord): boolean {
  return a?.id === b.id && a.incarnation === b.incarnation && a.parent === b.parent;
}

function parseEntry(value: unknown): NodeRecord | undefined {
  return parseRecord({ ...(value ?? {}), services: [], seqno: 0 });
}

function parseRoster(value: unknown): readonly NodeRecord[] | undefined {
  const { nodes } = (value ?? {}) as { readonly nodes?: unknown };
  if (!Array.isArray(nodes) || nodes.length > NODES_MAX) return undefined;
  const records = nodes.map(parseEntry).filter((record) => record !== undefined);
  return records.length === nodes.length ? records : undefined;
}

export class Roster {
  readonly #components: RosterComponents;
  /** All that the file has, or will have. */
  readonly #nodes = new Map<string, NodeRecord>();
  /** Those of them that have not been seen in this run. */
  readonly #away = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  #stopWaiting: (() => void) | undefined;
  #startedAtMs = 0;
  #backAtMs = Number.NEGATIVE_INFINITY;
  #stopKeeping: (() => void) | undefined;
  #stopWrite: (() => void) | undefined;
  #writing: Promise<void> | undefined;
  #pauseMs = ROSTER_DELAY_MS;
  #isChanged = false;
  #isRefused = false;
  #isStopped = false;

  constructor(components: RosterComponents) {
    this.#components = components;
    const { clock, log } = components;
    for (const record of restoreKept(components, 'the known nodes', parseRoster) ?? []) {
      this.#nodes.set(record.name, record);
      this.#away.add(record.name);
    }
    if (this.#away.size === 0) return;
    log.info('nodes of a former run are expected', { count: this.#away.size });
    this.#startedAtMs = clock.monotonicMs();
    this.#wait(ROSTER_WAIT_MS);
    this.#stopKeeping = clock.after(LOST_NODE_MS, () => this.#forget());
  }

  /** Nodes that have not come back. */
  *away(): Iterable<NodeRecord> {
    for (const name of this.#away) {
      const record = this.#nodes.get(name);
      if (record !== undefined) yield record;
    }
  }

  /** One of them. */
  findAway(name: string): NodeRecord | undefined {
    return this.#away.has(name) ? this.#nodes.get(name) : undefined;
  }

  /**
   * Settles when those of `names` that may come back have, or their time is over, or nobody waits
   * for it any more; undefined when there are none.
   */
  untilBack(names: Iterable<string>, signal: AbortSignal): Promise<void> | undefined {
    const missed = new Set([...names].filter((name) => this.#away.has(name)));
    if (missed.size === 0 || this.#stopWaiting === undefined) return undefined;
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#waiting.delete(waiting);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      const waiting = { names: missed, settle };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', settle);
    });
  }

  /** A node is there, or is not as it was. */
  nodeUp(record: NodeRecord): void {
    if (this.#isStopped) return;
    const { name } = record;
    if (this.#away.delete(name)) this.#backAtMs = this.#components.clock.monotonicMs();
    for (const waiting of this.#waiting) {
      if (waiting.names.delete(name) && waiting.names.size === 0) waiting.settle();
    }
    const known = this.#nodes.get(name);
    if (isSameEntry(known, record)) return;
    if (known === undefined && this.#nodes.size >= NODES_MAX) return;
    this.#nodes.set(name, record);
    this.#change();
  }

  /** A node is known no more: it said goodbye, or was lost long ago. */
  nodeGone(name: string): void {
    if (this.#isStopped || !this.#nodes.delete(name)) return;
    this.#away.delete(name);
    this.#change();
  }

  /** It goes on for as long as nodes come back, and is over a while before they are forgotten. */
  #wait(ms: number): void {
    const { clock, onLost } = this.#components;
    this.#stopWaiting = clock.after(ms, () => {
      const nowMs = clock.monotonicMs();
      const restMs = this.#startedAtMs + LOST_NODE_MS - nowMs;
      const isComing = nowMs - this.#backAtMs < ROSTER_QUIET_MS;
      if (isComing && restMs >= 2 * ROSTER_QUIET_MS) return this.#wait(ROSTER_QUIET_MS);
      this.#endWait();
      for (const record of this.away()) onLost(record);
    });
  }

  #endWait(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    for (const { settle } of [...this.#waiting]) settle();
  }

  #forget(): void {
    const gone = [...this.away()];
    const { log, onGone } = this.#components;
    if (gone.length > 0)
      log.warn('nodes of a former run did not come back', { count: gone.length });
    for (const record of gone) {
      this.nodeGone(record.name);
      onGone(record);
    }
  }

  #change(): void {
    this.#isChanged = true;
    if (this.#writing !== undefined) return;
    this.#stopWrite ??= this.#components.clock.after(this.#pauseMs, () => {
      this.#writing = this.#write();
    });
  }

  async #write(): Promise<void> {
    const { clock, kept, log } = this.#components;
    const startMs = clock.monotonicMs();
    this.#stopWrite = undefined;
    this.#isChanged = false;
    try {
      await kept.write({ nodes: Array.from(this.#nodes.values(), toEntry) });
      this.#isRefused = false;
    } catch (error) {
      if (!this.#isRefused) log.error('the known nodes are not kept', { reason: String(error) });
      this.#isRefused = true;
      this.#isChanged = true;
    }
    this.#pauseMs = Math.max(ROSTER_DELAY_MS, PAUSE_FACTOR * (clock.monotonicMs() - startMs));
    this.#writing = undefined;
    if (this.#isChanged && !this.#isStopped) this.#change();
  }

  /** Settles when all is written. What the end of this node does to its links is none of it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endWait();
    this.#stopKeeping?.();
    this.#stopWrite?.();
    await this.#writing;
    if (this.#isChanged) await this.#write();
  }
}
