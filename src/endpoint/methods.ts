/**
 * Remote calls: `class.method` with arguments, over an exchange. The body of the request is
 * MessagePack {args, kwargs}, that of the reply the value; what a method throws crosses as an error
 * with its class.
 */
import { toText } from '../base/text.ts';
import { DagentError } from '../protocol/errors.ts';
import { pack, unpack, unpackMap } from '../protocol/pack.ts';
import type { Answering } from './answering.ts';
import type { Asking } from './asking.ts';
import type { Endpoint } from './endpoint.ts';

/** What a method gets besides its arguments. */
export interface CallContext {
  /** `node:service` of the caller. */
  readonly from: string;
  /** Aborted when nobody waits for the result any more. */
  readonly signal: AbortSignal;
  /** The exchange itself, for streams and progress. */
  readonly exchange: Answering;
  readonly kwargs: Readonly<Record<string, unknown>>;
}

export interface Method {
  /** One sentence; the first line of its help. */
  readonly doc: string;
  /** Names of the arguments, for the help: `['text']`, `['...classes']`. */
  readonly args?: readonly string[];
  run(args: readonly unknown[], context: CallContext): unknown;
}

/** Methods by `class.method`. */
export type Methods = Readonly<Record<string, Method>>;

/** The body of a call. */
function encodeCall(
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>> = {},
): Buffer {
  return pack({ args, kwargs });
}

/** The error that a caller sees for what a method threw. */
function toRemoteError(thrown: unknown, node: string): DagentError {
  if (thrown instanceof DagentError) {
    const { values, details } = thrown;
    return new DagentError(thrown.code, values, { details, origin: thrown.origin ?? node });
  }
  const error = thrown instanceof Error ? thrown : { name: 'Error', message: thrown };
  const values = { class: toText(error.name), text: toText(error.message), node };
  return new DagentError('E_REMOTE', values, { origin: node });
}

/** Methods that every service with methods has. */
function describe(methods: Methods): Record<string, string> {
  const lines = Object.entries(methods).map(([name, { args, doc }]) => {
    return [`${name}(${(args ?? []).join(', ')})`, doc] as const;
  });
  return Object.fromEntries(lines);
}

/** Answers one call from a table of methods. Settles when the exchange has its outcome. */
export async function answerCall(
  methods: Methods,
  exchange: Answering,
  node: string,
): Promise<void> {
  const { command, to, from } = exchange.request;
  const abort = new AbortController();
  exchange.onCancel = () => abort.abort();
  try {
    const all: Methods = {
      ...methods,
      'admin.help': { doc: 'Lists the methods of this service.', run: () => describe(all) },
    };
    const method = Object.hasOwn(all, command) ? all[command] : undefined;
    if (method === undefined)
      throw new DagentError('E_NO_METHOD', { service: to, method: command });
    const body = unpackMap(exchange.request.data);
    const args = Array.isArray(body.args) ? (body.args as unknown[]) : [];
    const kwargs = (body.kwargs ?? {}) as Record<string, unknown>;
    const value = await method.run(args, { from, signal: abort.signal, exchange, kwargs });
    exchange.reply({ data: pack(value) });
  } catch (thrown) {
    exchange.reject(toRemoteError(thrown, node).toData());
  }
}

/** Opens a call; the outcome's data is the packed value: see {@link decodeValue}. */
export function openCall(
  endpoint: Endpoint,
  to: string,
  method: string,
  more: { args?: readonly unknown[]; timeoutMs?: number | undefined },
): Asking {
  const data = encodeCall(more.args ?? []);
  return endpoint.request({ to, command: method, data, timeoutMs: more.timeoutMs, isCall: true });
}

/** The value that a call returned. */
export function decodeValue(data: Buffer): unknown {
  return data.length === 0 ? undefined : unpack(data);
}
