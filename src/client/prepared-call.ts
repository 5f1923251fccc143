/** A call that is encoded and ready to be sent, to one or to many. */

import type { Asking } from '../endpoint/asking.ts';
import { type Callback, offerCallbacks } from '../endpoint/callbacks.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { type CallBody, checkValue, encodeCall, type Named, type Place } from '../protocol/call.ts';
import { DagentError } from '../protocol/errors.ts';
import { CALLBACKS_MAX } from '../protocol/limits.ts';
import type { CallRequest } from './call-options.ts';
import { checkTimeout } from './requesting.ts';

const NO_KWS: Named = Object.freeze({});

/** Arguments without the functions among them, and these by their places. */
interface Sorted {
  readonly args: readonly unknown[];
  readonly kws: Named | undefined;
  readonly functions: Map<Place, Callback> | undefined;
}

function isFunction(value: unknown): value is Callback {
  return typeof value === 'function';
}

function sortArguments(args: readonly unknown[], kws: Named | undefined): Sorted {
  const hasFunctions =
    args.some(isFunction) || (kws !== undefined && Object.values(kws).some(isFunction));
  if (!hasFunctions) return { args, kws, functions: undefined };
  const functions = new Map<Place, Callback>();
  const take = (value: unknown, place: Place): unknown => {
    if (!isFunction(value)) return value;
    functions.set(place, value);
    return null;
  };
  const named = Object.entries(kws ?? {}).map(([name, value]) => [name, take(value, name)]);
  const sorted = { args: args.map(take), kws: Object.fromEntries(named) as Named, functions };
  if (functions.size <= CALLBACKS_MAX) return sorted;
  const reason = `it has more than ${CALLBACKS_MAX} functions`;
  throw new DagentError('E_VALUE_INVALID', { what: 'the call', reason });
}

/** What of a call only some have. */
export type CallMode = Pick<Partial<CallBody>, 'tellsStatus' | 'isDetached' | 'timeoutMs'>;

export class PreparedCall {
  readonly method: string;
  readonly data: Buffer;
  readonly request: CallRequest;
  readonly #functions: Map<Place, Callback> | undefined;

  /** Throws E_VALUE_INVALID. */
  constructor(
    method: string,
    args: readonly unknown[],
    request: CallRequest,
    mode: CallMode | undefined,
  ) {
    checkTimeout(mode?.timeoutMs ?? request.timeoutMs);
    this.method = method;
    this.request = request;
    const { args: plain, kws, functions } = sortArguments(args, request.kws);
    this.#functions = functions;
    const isUnheard = mode !== undefined && mode.tellsStatus !== true;
    if (isUnheard && functions !== undefined) {
      const reason = 'nobody waits for it, and so for its callbacks';
      throw new DagentError('E_VALUE_INVALID', { what: 'the call', reason });
    }
    const { cntr, cntrKws, version, data } = request;
    const construction = {
      cntr:
        cntr === undefined && cntrKws === undefined
          ? undefined
          : { args: cntr ?? [], kws: cntrKws ?? NO_KWS },
      callbacks: functions === undefined ? undefined : [...functions.keys()],
    };
    this.data = encodeCall({ ...mode, args: plain, kws, version, data, ...construction });
  }

  /** Sends it. Throws as `Endpoint.request`. */
  open(endpoint: Endpoint, to: string): Asking {
    const { timeoutMs, from } = this.request;
    const out = { to, command: this.method, data: this.data, timeoutMs, from, isCall: true };
    const asking = endpoint.request(out);
    if (this.#functions !== undefined) {
      const { node, service } = endpoint.identity;
      offerCallbacks(asking, this.#functions, { node, address: `${node}:${service}` });
    }
    return asking;
  }
}

/** The value that an answer holds. Throws E_VALUE_INVALID. */
export function readResult(data: Buffer): unknown {
  const value = decodeValue(data);
  checkValue('the result', value);
  return value;
}
