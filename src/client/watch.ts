/** Following the tree live: the stream behind `dagent top`. */
import { systemClock } from '../adapters/system-clock.ts';
import { createLineSplitter } from '../base/lines.ts';
import type { Asking } from '../endpoint/asking.ts';
import { DagentError } from '../protocol/errors.ts';
import { changeSample } from '../protocol/figure-row.ts';
import { HOLD_MS_DEFAULT, REQUEST_MS_MAX, STATUS_LINE_BYTES_MAX } from '../protocol/limits.ts';
import type { NodeStatus, WatchRecord } from '../protocol/status.ts';
import {
  type FiguresLine,
  type GoneLine,
  type NodeLine,
  parseWatchLine,
  type SnapshotLine,
  statusOf,
  WATCH_VERSION,
} from '../protocol/watch.ts';
import { connect } from './client.ts';
import type { ConnectOptions } from './connection.ts';
import { Pulse } from './pulse.ts';
import { askTop, findTop, nodeOf } from './tree.ts';

export interface WatchOptions extends ConnectOptions {
  /**
   * A node that was at the top before: that one says who is now. The daemon when absent, which may
   * have lost its way up.
   */
  readonly lastTop?: string | undefined;
  /** Called when the nodes begin to come: a large tree takes a while. */
  readonly onBegin?: (() => void) | undefined;
  /** A daemon that is silent for so long is lost. HOLD_MS_DEFAULT when absent. */
  readonly holdMs?: number | undefined;
}

export interface Subscription {
  /** Name of the node of the daemon. */
  readonly node: string;
  /** Name of the node at the top, which is watched. */
  readonly top: string;
  /** Name of the node at the top now, as the one that is watched has it. Rejects as `call`. */
  findTop(): Promise<string>;
  /** Settles when the stream is over: with the reason when it broke. */
  readonly over: Promise<string | undefined>;
  close(): Promise<void>;
}

/** What a reader of a watch hands over. */
export interface WatchReaderHandlers {
  /** A snapshot begins. */
  onBegin?(): void;
  onRecord(record: WatchRecord): void;
  /** It is a watch of another version: nothing of it can be read. */
  onForeign(version: number): void;
}

/**
 * Makes records of lines. The nodes of a snapshot are handed over when all of them are there; a
 * change of figures, as the node with its new ones.
 */
class WatchReader {
  readonly #handlers: WatchReaderHandlers;
  readonly #nodes = new Map<string, NodeStatus>();
  #snapshot: { readonly line: SnapshotLine; left: number } | undefined;

  constructor(handlers: WatchReaderHandlers) {
    this.#handlers = handlers;
  }

  read(line: string): void {
    // What makes no sense to us may to a newer version: the rest still does.
    const record = parseWatchLine(line);
    if (record?.type === 'foreign') return this.#handlers.onForeign(record.version);
    if (record?.type === 'snapshot') {
      this.#snapshot = { line: record, left: record.count };
      this.#nodes.clear();
      this.#handlers.onBegin?.();
    } else if (this.#snapshot !== undefined) {
      this.#snapshot.left--;
      if (record?.type === 'node') this.#nodes.set(record.node.name, statusOf(record));
    } else if (record !== undefined) {
      this.#change(record);
    }
    this.#completeIfDone();
  }

  #completeIfDone(): void {
    if (this.#snapshot === undefined || this.#snapshot.left > 0) return;
    const { realm, isCutOff } = this.#snapshot.line;
    this.#snapshot = undefined;
    const nodes = [...this.#nodes.values()];
    this.#handlers.onRecord({ type: 'snapshot', realm, nodes, ...(isCutOff && { isCutOff }) });
  }

  #change(record: NodeLine | FiguresLine | GoneLine): void {
    if (record.type === 'gone') {
      this.#nodes.delete(record.name);
      return this.#handlers.onRecord(record);
    }
    const node = record.type === 'node' ? statusOf(record) : this.#changeFigures(record);
    if (node === undefined) return;
    this.#nodes.set(node.name, node);
    this.#handlers.onRecord({ type: 'node', node });
  }

  #changeFigures({ name, rttMs, set }: FiguresLine): NodeStatus | undefined {
    const node = this.#nodes.get(name);
    if (node === undefined) return undefined;
    const sample = changeSample(node.sample, set);
    return { ...node, rttMs: rttMs === undefined ? node.rttMs : rttMs, sample };
  }
}

/** Takes the lines of a watch, one by one. */
export function createWatchReader(handlers: WatchReaderHandlers): (line: string) => void {
  const reader = new WatchReader(handlers);
  return (line) => reader.read(line);
}

/** Opens a connection of its own and hands over each record. Throws as `connect`. */
export async function watchTree(
  { lastTop, onBegin = () => undefined, holdMs = HOLD_MS_DEFAULT, ...options }: WatchOptions,
  onRecord: (record: WatchRecord) => void,
): Promise<Subscription> {
  const client = await connect({ ...options, reconnect: false });
  let top: string;
  let asking: Asking;
  try {
    top = await findTop(client, lastTop);
    asking = client.openCall(top, 'watch.open', [], REQUEST_MS_MAX);
  } catch (error) {
    await client.close();
    throw error;
  }
  let refusal: string | undefined;
  const read = createWatchReader({
    onBegin,
    onRecord,
    onForeign: (version) => {
      const versions = { here: `watch ${WATCH_VERSION}`, there: `watch ${version}` };
      refusal = new DagentError('E_VERSION', versions).message;
      asking.cancel();
    },
  });
  const lines = createLineSplitter((line) => read(line.toString('utf8')), STATUS_LINE_BYTES_MAX);
  const pulse = new Pulse({
    clock: systemClock,
    holdMs,
    ask: () => client.taken(),
    onSilent: (error) => {
      pulse.stop();
      refusal = error.message;
      void client.close();
    },
  });
  asking.onData = (_, bytes) => {
    pulse.heard();
    lines.push(bytes);
    asking.grant(bytes.length);
  };
  let isClosed = false;
  const over = asking.outcome.then(
    () => (isClosed ? undefined : (refusal ?? 'the daemon ended it')),
    (error: Error) => (isClosed ? undefined : (refusal ?? error.message)),
  );
  const close = async (): Promise<void> => {
    isClosed = true;
    pulse.stop();
    await client.close();
  };
  // Broken far from here, it leaves a connection that holds the program.
  void over.then(close).catch(() => undefined);
  const findTopNow = async (): Promise<string> => nodeOf(await askTop(client, nodeOf(top)));
  return { node: client.node, top: nodeOf(top), findTop: findTopNow, over, close };
}
