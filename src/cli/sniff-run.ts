/** Sniffing at one node or many: opens the streams, prints what comes, and counts what does not. */
import type { Client } from '../client/client.ts';
import { formatSkipped, formatSniffed } from '../client/format-sniff.ts';
import { openRecordStream, type RecordStream, type StreamRecord } from '../client/record-stream.ts';
import { SNIFF_SERVICE } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { Ending } from './ending.ts';
import { printLine, printRecord, stdoutDrained } from './output.ts';

/** How long the last word of the nodes is waited for. */
const SUMMARY_MS_MAX = 2_000;

export interface SniffRun {
  readonly nodes: readonly string[];
  readonly wish: Readonly<Record<string, unknown>>;
  /** Records after which it ends. */
  readonly count: number;
  readonly isJson: boolean;
  readonly ending: Ending;
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
  } else printLine(formatSniffed(record, run.nodes.length > 1));
}

function conclude(total: Total, run: SniffRun): void {
  for (const record of total.waiting) print(record, run);
  const { matched, shown, notShown } = total;
  if (run.isJson) printRecord({ type: 'summary', matched, shown, notShown });
  else process.stderr.write(`${shown} shown, ${formatSkipped(notShown)}\n`);
}

/** Shows what passes until it is over. Returns the nodes that could not be asked. */
export async function runSniff(client: Client, run: SniffRun): Promise<NodeError[]> {
  const total: Total = { matched: 0, shown: 0, notShown: 0, waiting: [] };
  const errors: NodeError[] = [];
  const onRecord = (record: StreamRecord): void => {
    if (total.shown >= run.count) return;
    print(record, run);
    if (record.type === 'frame' || record.type === 'exchange') total.shown++;
    if (total.shown >= run.count) run.ending.end();
  };
  const open = (node: string): RecordStream =>
    openRecordStream(
      client,
      `${node}:${SNIFF_SERVICE}`,
      { method: 'sniff.open', args: [run.wish] },
      { onRecord, drained: stdoutDrained },
    );
  const streams = run.nodes.map((node) => ({ node, ...open(node) }));
  const all = Promise.all(
    streams.map(({ node, over }) =>
      over.then(
        (value) => addSummary(total, value),
        (error: unknown) => {
          if (!(error instanceof DagentError)) throw error;
          errors.push({ node, error });
        },
      ),
    ),
  );
  if (process.stderr.isTTY) process.stderr.write('sniffing; Ctrl-C ends it\n');
  await Promise.race([all, run.ending.over]);
  for (const { cancel } of streams) cancel();
  await Promise.race([all, new Promise((resolve) => setTimeout(resolve, SUMMARY_MS_MAX).unref())]);
  if (errors.length < run.nodes.length) conclude(total, run);
  return errors;
}
