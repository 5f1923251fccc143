/** What those who sniff get: lines of JSON. */
import { SNIFF_DATA_BYTES_MAX } from '../protocol/limits.ts';
import type { Sight } from './sight.ts';

/** Data as it is shown: its beginning, as text, or in base64 when it is none. */
export interface ShownData {
  readonly data: string;
  readonly enc?: 'base64';
  /** Bytes there were, when not all are shown. */
  readonly dataBytes?: number;
}

export interface FrameRecord extends Partial<ShownData> {
  readonly type: 'frame';
  /** When it passed, by the clock of that node: RFC 3339. */
  readonly at: string;
  readonly node: string;
  readonly kind: string;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly cmd?: string;
  readonly topic?: string;
  /** Bytes of the whole frame. */
  readonly size: number;
  readonly in: string | null;
  readonly out: string | null;
  readonly outcome: string | null;
  /** From the request to this outcome of it, at that node. */
  readonly ms?: number;
}

/** A request with its outcome, for those who want both as one. */
export interface ExchangeRecord extends Omit<FrameRecord, 'type'> {
  readonly type: 'exchange';
  /** Bytes of the frame that brought the outcome; null while there is none. */
  readonly outcomeSize: number | null;
}

/** How many were not shown since the last such record. */
export interface SkippedRecord {
  readonly type: 'skipped';
  readonly node: string;
  readonly count: number;
}

/** The first record: from here on, what passes is looked at. */
export interface OpenRecord {
  readonly type: 'open';
  readonly node: string;
}

export type SniffRecord = OpenRecord | FrameRecord | ExchangeRecord | SkippedRecord;

/** A character of UTF-8 may be cut in its last three bytes. */
const CUT_BYTES = 3;

/** The text of the beginning of `data`; undefined when it is no UTF-8. */
function textOf(data: Buffer, isCut: boolean): string | undefined {
  for (let less = 0; less <= (isCut ? CUT_BYTES : 0); less++) {
    const part = data.subarray(0, data.length - less);
    const text = part.toString('utf8');
    if (Buffer.from(text, 'utf8').equals(part)) return text;
  }
  return undefined;
}

/** The data of an envelope as it is shown. */
function showData(data: Buffer): ShownData {
  const isCut = data.length > SNIFF_DATA_BYTES_MAX;
  const shown = isCut ? data.subarray(0, SNIFF_DATA_BYTES_MAX) : data;
  const rest = isCut ? { dataBytes: data.length } : {};
  const text = textOf(shown, isCut);
  if (text !== undefined) return { data: text, ...rest };
  return { data: shown.toString('base64'), enc: 'base64', ...rest };
}

export interface RecordContext {
  readonly node: string;
  readonly wallMs: number;
  /** Milliseconds since the request of which it is the outcome. */
  readonly latencyMs: number | undefined;
  readonly hasData: boolean;
}

/** The record of one envelope. */
export function toFrameRecord(sight: Sight, context: RecordContext): FrameRecord {
  const { command, topic, sniffed, outcome } = sight;
  const { latencyMs } = context;
  return {
    type: 'frame',
    at: new Date(context.wallMs).toISOString(),
    node: context.node,
    kind: sight.kind,
    id: sight.id,
    from: sight.fromText,
    to: sight.toText,
    ...(command === undefined ? {} : { cmd: command }),
    ...(topic === undefined ? {} : { topic }),
    size: sniffed.bytes.length,
    in: sniffed.from,
    out: sniffed.to,
    outcome,
    ...(latencyMs === undefined ? {} : { ms: Number(latencyMs.toFixed(3)) }),
    ...(context.hasData ? showData(sight.body) : {}),
  };
}

/** A request and what became of it so far, as one record. */
export function toExchangeRecord(
  request: FrameRecord,
  ended: { readonly outcome: string; readonly size: number; readonly ms?: number } | undefined,
): ExchangeRecord {
  const { outcome = null, size = null, ms } = ended ?? {};
  const latency = ms === undefined ? {} : { ms: Number(ms.toFixed(3)) };
  return { ...request, type: 'exchange', outcome, outcomeSize: size, ...latency };
}
