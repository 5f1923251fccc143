/**
 * What is sent, on its way to bytes: addresses, heads and whole messages. Destinations are few and
 * used often, so that each is computed once.
 */
import { formatAddress, nodeKeyOf, parseAddress, serviceKeyOf } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { encodeFrame, Kind } from '../protocol/frame.ts';
import { BODY_BYTES_MAX, HEAD_BYTES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import type { ExchangeAddress } from './exchange.ts';

export interface EndpointIdentity {
  readonly node: string;
  /** The service in whose name is sent what names no other. */
  readonly service: string;
  /** Seed of the ids of what is sent. */
  readonly seed: number;
}

export interface Outgoing {
  readonly to: string;
  readonly command: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly data?: Buffer | undefined;
  /** The service in whose name it is sent; the endpoint's own when absent. */
  readonly from?: string | undefined;
}

export interface OutgoingRequest extends Outgoing {
  /** Milliseconds until E_DEADLINE; the default of limits.ts when absent. */
  readonly timeoutMs?: number | undefined;
  readonly isCall?: boolean;
  /** Flags of the frame, such as TRACE. */
  readonly flags?: number | undefined;
}

/** Destinations, services and commands that are remembered; past it, all is forgotten at once. */
const CACHE_COUNT_MAX = 4096;
const EMPTY = Buffer.alloc(0);

interface Destination {
  readonly node: number;
  readonly service: number;
  /** Encoded heads without parameters, by sender and command. */
  readonly heads: Map<string, Buffer>;
  /** Whole messages without parameters and data, likewise. */
  readonly templates: Map<string, Buffer>;
}

/** Looks up `key`, or computes and keeps it. */
function remember<T>(cache: Map<string, T>, key: string, compute: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = compute();
  if (cache.size >= CACHE_COUNT_MAX) cache.clear();
  cache.set(key, value);
  return value;
}

/** The data of what is sent. Throws E_TOO_LARGE. */
export function dataOf(out: Outgoing): Buffer {
  const { data = EMPTY } = out;
  if (data.length <= BODY_BYTES_MAX) return data;
  const values = { what: 'the data', bytes: data.length, max: BODY_BYTES_MAX };
  throw new DagentError('E_TOO_LARGE', values);
}

function parseDestination(to: string): Destination {
  const address = parseAddress(to);
  if (address === undefined) throw new DagentError('E_ADDRESS_INVALID', { address: to });
  const node = nodeKeyOf(address.node);
  return { node, service: serviceKeyOf(address.service), heads: new Map(), templates: new Map() };
}

export class OutgoingEncoder {
  readonly #identity: EndpointIdentity;
  readonly #nodeKey: number;
  readonly #destinations = new Map<string, Destination>();
  readonly #serviceKeys = new Map<string, number>();

  constructor(identity: EndpointIdentity) {
    this.#identity = identity;
    this.#nodeKey = nodeKeyOf(identity.node);
  }

  #find(out: Outgoing): { readonly service: string; readonly destination: Destination } {
    const { to, from: service = this.#identity.service } = out;
    return {
      service,
      destination: remember(this.#destinations, to, () => parseDestination(to)),
    };
  }

  /** Where its frames go and come from. Throws E_ADDRESS_INVALID. */
  addressOf(out: Outgoing, number: number): ExchangeAddress {
    const { service, destination } = this.#find(out);
    return {
      toNode: destination.node,
      toService: destination.service,
      fromNode: this.#nodeKey,
      fromService: remember(this.#serviceKeys, service, () => serviceKeyOf(service)),
      seed: this.#identity.seed,
      number,
    };
  }

  /** Its head. Throws E_ADDRESS_INVALID, E_TOO_LARGE. */
  headOf(out: OutgoingRequest): Buffer {
    const { service, destination } = this.#find(out);
    if (out.params !== undefined) return this.#encodeHead(out, service);
    const key = `${service} ${out.isCall === true ? 'call ' : ''}${out.command}`;
    return remember(destination.heads, key, () => this.#encodeHead(out, service));
  }

  #encodeHead(out: OutgoingRequest, service: string): Buffer {
    const { to, command, params, isCall } = out;
    const from = formatAddress({ node: this.#identity.node, service });
    const call = isCall === true ? { call: true } : {};
    const more = params === undefined ? call : { params, ...call };
    const head = pack({ from, to, cmd: command, ...more });
    if (head.length <= HEAD_BYTES_MAX) return head;
    const what = 'the command with its parameters';
    throw new DagentError('E_TOO_LARGE', { what, bytes: head.length, max: HEAD_BYTES_MAX });
  }

  /** A whole message without number and data, for one that has no parameters. Throws as above. */
  templateOf(out: Outgoing): Buffer {
    const { service, destination } = this.#find(out);
    return remember(destination.templates, `${service} ${out.command}`, () =>
      encodeFrame({ kind: Kind.MESSAGE, ...this.addressOf(out, 0) }, this.headOf(out)),
    );
  }
}
