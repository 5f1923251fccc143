/**
 * Remote calls: `class.method` with arguments, over an exchange. What a service offers, and how a
 * call is made; how it is answered is in call-server.ts, what is on the wire in protocol/call.ts.
 */
import { type CallBody, encodeCall, type Named, type ProgressReport } from '../protocol/call.ts';
import { unpack } from '../protocol/pack.ts';
import type { Answering } from './answering.ts';
import type { Asking } from './asking.ts';
import type { Endpoint } from './endpoint.ts';
import type { RemoteClass } from './remote-class.ts';

/** What a method gets besides its arguments. */
export interface CallContext {
  /** `node:service` of the caller. */
  readonly from: string;
  /** Id of the call: 16 hexadecimal digits. */
  readonly sn: string;
  /** Aborted when nobody waits for the result any more, or somebody cancelled the call. */
  readonly signal: AbortSignal;
  /** The exchange itself, for streams. */
  readonly exchange: Answering;
  /** Arguments by name, as they came. */
  readonly kwargs: Named;
  /** What the caller attached to the call. */
  readonly data: unknown;
  /** All that was asked for. */
  readonly call: CallBody;
  /** Says how far it is. Very many reports are made fewer; the last one always arrives. */
  progress(report: Partial<ProgressReport>): void;
}

/** A method by itself, without an object. */
export interface Method {
  /** One sentence; the first line of its help. */
  readonly doc: string;
  /** Names of the arguments, for the help: `['text', 'times?']`, `['...classes']`. */
  readonly args?: readonly string[];
  /** It gets its arguments as they came; otherwise those by name are put to their places. */
  readonly isRaw?: true;
  run(args: readonly unknown[], context: CallContext): unknown;
}

/** Methods by `class.method`. */
export type Methods = Readonly<Record<string, Method>>;

/**
 * What a service offers: methods by `class.method`, classes by their names. Several versions of a
 * class stand side by side in a list.
 */
export type Served = Readonly<Record<string, Method | RemoteClass | readonly RemoteClass[]>>;

/** What a caller says of a call. */
export type CallWish = Partial<CallBody> & {
  /** Milliseconds until E_DEADLINE. */
  readonly timeoutMs?: number | undefined;
  /** The registered service in whose name it is made. */
  readonly from?: string | undefined;
};

/**
 * Opens a call; the outcome's data is the packed value: see {@link decodeValue}. Throws
 * E_VALUE_INVALID, and as `Endpoint.request`.
 */
export function openCall(endpoint: Endpoint, to: string, method: string, wish: CallWish): Asking {
  const { timeoutMs, from, ...call } = wish;
  const data = encodeCall(call);
  return endpoint.request({ to, command: method, data, timeoutMs, from, isCall: true });
}

/** The value that a call returned. */
export function decodeValue(data: Buffer): unknown {
  return data.length === 0 ? undefined : unpack(data);
}
