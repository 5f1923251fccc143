/** What happens in the tree, as its top hears of it. */
import { toText } from '../base/text.ts';
import type { Client } from './client.ts';
import { describeEvent } from './event-text.ts';
import { openRecordStream, type RecordStream, type StreamRecord } from './record-stream.ts';
import { findTop } from './tree.ts';

/** An event as it is shown. */
export interface EventRow {
  /** Who tells it and which one of theirs it is. */
  readonly id: string;
  /** By the clock of the node that tells it. */
  readonly atMs: number;
  readonly event: string;
  readonly node: string;
  readonly text: string;
  /** All that was told of it. */
  readonly record: StreamRecord;
}

/** The event in a record; undefined when it is none. */
export function parseEvent(record: StreamRecord): EventRow | undefined {
  const { type, seq, seenBy, at, event, node } = record;
  if (type === 'missed') {
    const text = `${toText(record.count)} events came faster than they were taken`;
    return { id: `missed ${text}`, atMs: NaN, event: 'missed', node: '', text, record };
  }
  const atMs = Date.parse(toText(at));
  if (type !== 'event' || Number.isNaN(atMs) || !Number.isSafeInteger(seq)) return undefined;
  if (typeof event !== 'string' || typeof node !== 'string') return undefined;
  const id = `${toText(seenBy)} ${toText(seq)}`;
  return { id, atMs, event, node, text: describeEvent(record).join('  '), record };
}

/**
 * Follows the events of the last `sinceMs`, and those that come, until it is cancelled. `onOpen` is
 * called when they begin to come, if there are any. Throws what keeps the top from being found.
 */
export async function followEvents(
  client: Client,
  sinceMs: number,
  onEvent: (event: EventRow) => void,
  onOpen: () => void,
): Promise<RecordStream> {
  const call = { method: 'events.open', args: [{ expression: '', sinceMs }] };
  return openRecordStream(client, await findTop(client), call, {
    onRecord: (record) => {
      if (record.type === 'open') onOpen();
      const event = parseEvent(record);
      if (event !== undefined) onEvent(event);
    },
    drained: () => undefined,
  });
}
