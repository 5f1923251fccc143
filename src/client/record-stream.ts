/** A method that streams lines of JSON on channel 1, as its caller sees it. */
import { createLineSplitter } from '../base/lines.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import type { Client } from './client.ts';

export type StreamRecord = Readonly<Record<string, unknown>>;

export interface RecordStream {
  /** The value at its end. Rejects with what the node, or the way there, says. */
  readonly over: Promise<unknown>;
  /** Asks the node to end it. The value still comes. */
  cancel(): void;
}

function parseLine(line: string): StreamRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as StreamRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** What is asked; `timeoutMs` is how long all of it may take. */
export interface StreamCall {
  readonly method: string;
  readonly args: readonly unknown[];
  readonly timeoutMs?: number | undefined;
}

/** Who takes the records. */
export interface RecordSink {
  onRecord(record: StreamRecord): void;
  /** Settles when more is wanted; undefined: it is now. */
  drained(): Promise<unknown> | undefined;
}

/**
 * Opens the stream of a method and hands over each record, no faster than the sink takes them.
 * Lines that are none are left out: what makes no sense to us may to a newer version.
 */
export function openRecordStream(
  client: Client,
  to: string,
  call: StreamCall,
  sink: RecordSink,
): RecordStream {
  const asking = client.openCall(to, call.method, call.args, call.timeoutMs ?? REQUEST_MS_MAX);
  const lines = createLineSplitter((line) => {
    const record = parseLine(line.toString('utf8'));
    if (record !== undefined) sink.onRecord(record);
  });
  asking.onData = (_, bytes) => {
    lines.push(bytes);
    const drained = sink.drained();
    if (drained === undefined) asking.grant(bytes.length);
    else void drained.then(() => asking.grant(bytes.length));
  };
  const over = asking.outcome.then(({ data }) => decodeValue(data));
  over.catch(() => undefined);
  return { over, cancel: () => asking.cancel() };
}
