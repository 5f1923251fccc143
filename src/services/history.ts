/**
 * `stats.history`: what a node remembers of itself and of its children. A child
 * tells its figures now and then, whether anybody looks or not; while somebody does, what it tells
 * anyway is folded in as well.
 */
import type { Incoming } from '../endpoint/incoming.ts';
import type { Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { BUILTIN_SERVICE, isNodeName, parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { type FigureRow, parseRow } from '../protocol/figure-row.ts';
import { HISTORY_STEP_MS, type NodeHistory, parseHistory, TRACKS } from '../protocol/history.ts';
import { HISTORY_NODES_MAX } from '../protocol/limits.ts';
import { unpack } from '../protocol/pack.ts';
import type { TreeView } from './census.ts';
import { HistoryRing } from './history-ring.ts';

export interface HistoryComponents {
  readonly view: TreeView;
  readonly clock: Pick<Clock, 'monotonicMs' | 'wallMs'>;
  /** Calls a method of another node; the value that comes back. */
  ask(node: string, method: string, args: readonly unknown[]): Promise<unknown>;
}

const METHOD = 'stats.history';

/** Command of the message by which a node tells its parent a row. */
export const BEAT_COMMAND = 'STATS';

function tryUnpack(data: Buffer): unknown {
  try {
    return unpack(data);
  } catch {
    return undefined;
  }
}

export class History {
  readonly #components: HistoryComponents;
  readonly #rings = new Map<string, HistoryRing>();

  constructor(components: HistoryComponents) {
    this.#components = components;
  }

  readonly methods: Record<string, Method> = {
    [METHOD]: {
      doc: 'The last hour of a node, as its parent remembers it.',
      args: ['node', 'isForwarded?'],
      run: ([node, isForwarded]) => this.#answer(node, isForwarded === true),
    },
  };

  get #minute(): number {
    return Math.floor(this.#components.clock.monotonicMs() / HISTORY_STEP_MS);
  }

  /** Whether this node remembers such a node: itself, and its children. */
  #isOurs(name: string): boolean {
    const { view } = this.#components;
    return name === view.name || view.find(name)?.record.parent === view.name;
  }

  /** Takes what a child tells with its heartbeat; false when it is not that. */
  take(message: Pick<Incoming, 'from' | 'command' | 'data'>): boolean {
    if (message.command !== BEAT_COMMAND) return false;
    const row = parseRow(tryUnpack(message.data));
    const from = parseAddress(message.from);
    // No program of the child speaks for it.
    if (row === null || from?.service !== BUILTIN_SERVICE || !this.#isOurs(from.node)) return false;
    this.fold(from.node, row, this.#components.view.rttMs(from.node));
    return true;
  }

  /** Takes in the figures of this node or of one of its children, and its round trip upwards. */
  fold(name: string, row: FigureRow, rttMs: number | null): void {
    this.#ringOf(name)?.fold(this.#minute, row, rttMs);
  }

  #ringOf(name: string): HistoryRing | undefined {
    const known = this.#rings.get(name);
    if (known !== undefined) return known;
    if (this.#rings.size >= HISTORY_NODES_MAX) this.forgetOld();
    if (this.#rings.size >= HISTORY_NODES_MAX) return undefined;
    const ring = new HistoryRing();
    this.#rings.set(name, ring);
    return ring;
  }

  /** Forgets who has told nothing for an hour: it is somebody else's child by now. */
  forgetOld(): void {
    for (const [name, ring] of this.#rings) {
      if (ring.isOver(this.#minute)) this.#rings.delete(name);
    }
  }

  /** A node is not known any more. */
  forget(name: string): void {
    this.#rings.delete(name);
  }

  async #answer(node: unknown, isForwarded: boolean): Promise<NodeHistory> {
    if (typeof node !== 'string' || !isNodeName(node)) {
      const reason = 'the first argument is the name of a node';
      throw new DagentError('E_ARGUMENT_INVALID', { method: METHOD, reason });
    }
    const known = this.#read(node);
    if (known !== undefined) return known;
    const { view, ask } = this.#components;
    const parent = view.find(node)?.record.parent ?? null;
    const isElsewhere = parent !== null && parent !== view.name && !isForwarded;
    const told = isElsewhere ? parseHistory(await ask(parent, METHOD, [node, true])) : undefined;
    if (told?.node === node) return told;
    throw new DagentError('E_NO_HISTORY', { node, at: parent ?? view.name });
  }

  #read(node: string): NodeHistory | undefined {
    const ring = this.#isOurs(node) ? this.#rings.get(node) : undefined;
    if (ring === undefined) return undefined;
    const minute = this.#minute;
    const tracks = TRACKS.map((track, at) => ({ ...track, values: ring.series(at, minute) }));
    return { node, endAtMs: this.#components.clock.wallMs(), stepMs: HISTORY_STEP_MS, tracks };
  }
}
