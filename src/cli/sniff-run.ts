/** Sniffing at one node or many: opens the streams, prints what comes, and counts what does not. */
import type { Client } from '../client/client.ts';
import { formatSkipped, formatSniffed } from '../client/format-sniff.ts';
import { openRecordStream, type RecordStream, type StreamRecord } from '../client/record-stream.ts';
import { findTop } from '../client/tree.ts';
import { SNIFF_SERVICE } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { Ending } from './ending.ts';
import { printLine, printRecord, stdoutDrained } from './output.ts';

/** How long the last word of the nodes is waited for. */
const SUMMARY_MS_MAX = 2_000;

export interface SniffRun {
  readonly nodes: readonly string[];
  /** Whether those that join meanwhile are looked at as well. */
  readonly isGrowing: boolean;
  readonly wish: Readonly<Record<string, unknown>>;
  /** Records after which it ends. */
  readonly count: number;
  readonly isJson: boolean;
  readonly ending: Ending;
  /** Called with why no others are looked at. */
  onStay(error: DagentError): void;
}

export interface NodeError {
  readonly node: string;
  readonly error: DagentError;
}

/** What all nodes together have said. */
interface Total {
  matched: number;
  shown: number;
  notShown: number;
  readonly waiting: StreamRecord[];
}

function addSummary(total: Total, value: unknown): void {
  const { matched, notShown, waiting } = (value ?? {}) as Record<string, unknown>;
  if (typeof matched === 'number') total.matched += matched;
  if (typeof notShown === 'number') total.notShown += notShown;
  if (Array.isArray(waiting)) total.waiting.push(...(waiting as StreamRecord[]));
}

function print(record: StreamRecord, run: SniffRun): void {
  if (run.isJson) printRecord(record);
  else if (record.type === 'open') return;
  else if (record.type === 'skipped') {
    process.stderr.write(`${formatSkipped(Number(record.count))}\n`);
  } else printLine(formatSniffed(record, run.isGrowing || run.nodes.length > 1));
}

function conclude(total: Total, run: SniffRun): void {
  for (const record of total.waiting) print(record, run);
  const { matched, shown, notShown } = total;
  if (run.isJson) printRecord({ type: 'summary', matched, shown, notShown });
  else process.stderr.write(`${shown} shown, ${formatSkipped(notShown)}\n`);
}

/** Calls `onJoin` with each node that joins, as the top hears of it. Throws what ends that. */
async function followJoins(client: Client, onJoin: (node: string) => void): Promise<void> {
  const wish = { expression: 'event=node-up', sinceMs: 0 };
  const onRecord = ({ type, node }: StreamRecord): void => {
    if (type === 'event' && typeof node === 'string') onJoin(node);
  };
  const call = { method: 'events.open', args: [wish] };
  await openRecordStream(client, await findTop(client), call, { onRecord, drained: stdoutDrained })
    .over;
}

class Sniffing {
  readonly #client: Client;
  readonly #run: SniffRun;
  readonly #total: Total = { matched: 0, shown: 0, notShown: 0, waiting: [] };
  readonly #errors: NodeError[] = [];
  /** The streams that are not over, by the nodes that are looked at. */
  readonly #streams = new Map<string, RecordStream>();
  readonly #settled: Promise<void>[] = [];

  constructor(client: Client, run: SniffRun) {
    this.#client = client;
    this.#run = run;
  }

  /** Returns the nodes that could not be asked. */
  async show(): Promise<readonly NodeError[]> {
    const { nodes, isGrowing, ending, onStay } = this.#run;
    if (isGrowing) {
      const onJoin = (node: string): void => this.#add(node);
      followJoins(this.#client, onJoin).catch((error: DagentError) => {
        if (!ending.isOver) onStay(error);
      });
    }
    for (const node of nodes) this.#add(node);
    if (process.stderr.isTTY) process.stderr.write('sniffing; Ctrl-C ends it\n');
    await Promise.race([Promise.all(this.#settled), ending.over]);
    ending.end();
    for (const { cancel } of this.#streams.values()) cancel();
    const late = new Promise((resolve) => setTimeout(resolve, SUMMARY_MS_MAX).unref());
    await Promise.race([Promise.all(this.#settled), late]);
    if (this.#errors.length < this.#settled.length) conclude(this.#total, this.#run);
    return this.#errors;
  }

  #take(record: StreamRecord): void {
    const { count, ending } = this.#run;
    if (this.#total.shown >= count) return;
    print(record, this.#run);
    if (record.type === 'frame' || record.type === 'exchange') this.#total.shown++;
    if (this.#total.shown >= count) ending.end();
  }

  #add(node: string): void {
    if (this.#streams.has(node) || this.#run.ending.isOver) return;
    const stream = openRecordStream(
      this.#client,
      `${node}:${SNIFF_SERVICE}`,
      { method: 'sniff.open', args: [this.#run.wish] },
      { onRecord: (record) => this.#take(record), drained: stdoutDrained },
    );
    this.#streams.set(node, stream);
    const settled = stream.over.then(
      (value) => addSummary(this.#total, value),
      (error: unknown) => {
        if (!(error instanceof DagentError)) throw error;
        this.#errors.push({ node, error });
      },
    );
    this.#settled.push(settled.finally(() => this.#streams.delete(node)));
  }
}

/** Shows what passes until it is over. Returns the nodes that could not be asked. */
export function runSniff(client: Client, run: SniffRun): Promise<readonly NodeError[]> {
  return new Sniffing(client, run).show();
}
