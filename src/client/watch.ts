/** Following the tree live: the stream behind `dagent top`. */
import { createLineSplitter } from '../base/lines.ts';
import type { Asking } from '../endpoint/asking.ts';
import { REQUEST_MS_MAX, STATUS_LINE_BYTES_MAX } from '../protocol/limits.ts';
import { type NodeStatus, parseWatchLine, type WatchRecord } from '../protocol/status.ts';
import { connect } from './client.ts';
import type { ConnectOptions } from './connection.ts';
import { findTop } from './tree.ts';

export interface Subscription {
  /** Settles when the stream is over: with the reason when it broke. */
  readonly over: Promise<string | undefined>;
  close(): Promise<void>;
}

/** Makes records of lines: the nodes of a snapshot are handed over when all of them are there. */
export function createWatchReader(onRecord: (record: WatchRecord) => void): (line: string) => void {
  let snapshot: { realm: string; left: number; nodes: NodeStatus[] } | undefined;
  const completeIfDone = (): void => {
    if (snapshot === undefined || snapshot.left > 0) return;
    const { realm, nodes } = snapshot;
    snapshot = undefined;
    onRecord({ type: 'snapshot', realm, nodes });
  };
  return (line) => {
    // What makes no sense to us may to a newer version: the rest still does.
    const record = parseWatchLine(line);
    if (record?.type === 'snapshot') {
      snapshot = { realm: record.realm, left: record.count, nodes: [] };
    } else if (snapshot !== undefined) {
      snapshot.left--;
      if (record?.type === 'node') snapshot.nodes.push(record.node);
    } else if (record !== undefined) {
      onRecord(record);
    }
    completeIfDone();
  };
}

/** Opens a connection of its own and hands over each record. Throws as `connect`. */
export async function watchTree(
  options: ConnectOptions,
  onRecord: (record: WatchRecord) => void,
): Promise<Subscription> {
  const client = await connect({ ...options, reconnect: false });
  let asking: Asking;
  try {
    asking = client.openCall(await findTop(client), 'watch.open', [], REQUEST_MS_MAX);
  } catch (error) {
    await client.close();
    throw error;
  }
  const read = createWatchReader(onRecord);
  const lines = createLineSplitter((line) => read(line.toString('utf8')), STATUS_LINE_BYTES_MAX);
  asking.onData = (_, bytes) => {
    lines.push(bytes);
    asking.grant(bytes.length);
  };
  let isClosed = false;
  const over = asking.outcome.then(
    () => (isClosed ? undefined : 'the daemon ended it'),
    (error: Error) => (isClosed ? undefined : error.message),
  );
  const close = async (): Promise<void> => {
    isClosed = true;
    await client.close();
  };
  return { over, close };
}
