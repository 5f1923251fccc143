/**
 * What is sent, on its way to bytes: addresses, heads and whole messages. Destinations are few and
 * used often, so that each is computed once.
 */
import {
  formatAddress,
  nodeKeyOf,
  parseAddress,
  parseBroadcast,
  serviceKeyOf,
} from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { encodeFrame, Flag, type FrameFields, Kind } from '../protocol/frame.ts';
import { BODY_BYTES_MAX, HEAD_BYTES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { isTopic } from '../protocol/topic.ts';
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

/** What is published, for whoever subscribed to its topic. */
export interface OutgoingEvent {
  readonly topic: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly data?: Buffer | undefined;
  /** The service in whose name it is published; the endpoint's own when absent. */
  readonly from?: string | undefined;
}

/** Destinations, services and commands that are remembered; past it, all is forgotten at once. */
const CACHE_COUNT_MAX = 4096;
const EMPTY = Buffer.alloc(0);

interface Destination {
  readonly node: number;
  readonly service: number;
  /** What a message there says of how far it goes. */
  readonly reach: Pick<FrameFields, 'flags' | 'channel'>;
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
export function dataOf(out: Pick<Outgoing, 'data'>): Buffer {
  const { data = EMPTY } = out;
  if (data.length <= BODY_BYTES_MAX) return data;
  const values = { what: 'the data', bytes: data.length, max: BODY_BYTES_MAX };
  throw new DagentError('E_TOO_LARGE', values);
}

function parseDestination(to: string): Destination {
  const caches = { heads: new Map(), templates: new Map() };
  const broadcast = parseBroadcast(to);
  if (broadcast !== undefined) {
    const service = broadcast.service === '' ? 0 : serviceKeyOf(broadcast.service);
    const reach = { flags: Flag.BROADCAST, channel: broadcast.scope };
    return { node: 0, service, reach, ...caches };
  }
  const address = parseAddress(to);
  if (address === undefined) throw new DagentError('E_ADDRESS_INVALID', { address: to });
  const [node, service] = [nodeKeyOf(address.node), serviceKeyOf(address.service)];
  return { node, service, reach: {}, ...caches };
}

function checkHead(what: string, head: Buffer): Buffer {
  if (head.length <= HEAD_BYTES_MAX) return head;
  throw new DagentError('E_TOO_LARGE', { what, bytes: head.length, max: HEAD_BYTES_MAX });
}

export class OutgoingEncoder {
  readonly #identity: EndpointIdentity;
  readonly #nodeKey: number;
  readonly #destinations = new Map<string, Destination>();
  readonly #serviceKeys = new Map<string, number>();
  /** Encoded heads of events without parameters, by sender and topic. */
  readonly #topics = new Map<string, Buffer>();

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
    const { node: toNode, service: toService } = destination;
    return { toNode, toService, ...this.#sourceOf(service), number };
  }

  #sourceOf(service: string): Pick<ExchangeAddress, 'fromNode' | 'fromService' | 'seed'> {
    const fromService = remember(this.#serviceKeys, service, () => serviceKeyOf(service));
    return { fromNode: this.#nodeKey, fromService, seed: this.#identity.seed };
  }

  /** The prefix of a message. Throws E_ADDRESS_INVALID. */
  messageOf(out: Outgoing, number: number): FrameFields {
    const { reach } = this.#find(out).destination;
    return { kind: Kind.MESSAGE, ...reach, ...this.addressOf(out, number) };
  }

  /** The prefix and the head of an event. Throws E_TOPIC_INVALID, E_TOO_LARGE. */
  eventOf(
    out: OutgoingEvent,
    number: number,
  ): { readonly fields: FrameFields; readonly head: Buffer } {
    const { topic, params, from: service = this.#identity.service } = out;
    if (!isTopic(topic)) throw new DagentError('E_TOPIC_INVALID', { topic });
    const encode = (): Buffer => {
      const from = formatAddress({ node: this.#identity.node, service });
      const head = pack(params === undefined ? { from, topic } : { from, topic, params });
      return checkHead('the topic with its parameters', head);
    };
    const head =
      params === undefined ? remember(this.#topics, `${service} ${topic}`, encode) : encode();
    const toService = remember(this.#serviceKeys, topic, () => serviceKeyOf(topic));
    return { fields: { kind: Kind.EVENT, toService, ...this.#sourceOf(service), number }, head };
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
    return checkHead('the command with its parameters', pack({ from, to, cmd: command, ...more }));
  }

  /** A whole message without number and data, for one that has no parameters. Throws as above. */
  templateOf(out: Outgoing): Buffer {
    const { service, destination } = this.#find(out);
    return remember(destination.templates, `${service} ${out.command}`, () =>
      encodeFrame(this.messageOf(out, 0), this.headOf(out)),
    );
  }
}
