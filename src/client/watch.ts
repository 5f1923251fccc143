/** Following the tree live: the stream behind `dagent top`. */
import { createLineSplitter } from '../base/lines.ts';
import type { Asking } from '../endpoint/asking.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import { parseWatchRecord, type WatchRecord } from '../protocol/status.ts';
import { connect } from './client.ts';
import type { ConnectOptions } from './connection.ts';
import { findTop } from './tree.ts';

export interface Subscription {
  /** Settles when the stream is over: with the reason when it broke. */
  readonly over: Promise<string | undefined>;
  close(): Promise<void>;
}

/** Opens a connection of its own and hands over each record. Throws as `connect`. */
export async function watchTree(
  options: ConnectOptions,
  onRecord: (record: WatchRecord) => void,
): Promise<Subscription> {
  const client = await connect(options);
  let asking: Asking;
  try {
    asking = client.openCall(await findTop(client), 'watch.open', [], REQUEST_MS_MAX);
  } catch (error) {
    await client.close();
    throw error;
  }
  const lines = createLineSplitter((line) => {
    // What makes no sense to us may to a newer version: the rest still does.
    const record = parseWatchRecord(line.toString('utf8'));
    if (record !== undefined) onRecord(record);
  });
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
