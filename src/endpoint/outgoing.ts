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
import { isReserved } from './flow.ts';
import type { Lane } from './lane.ts';
import type { Line } from './line.ts';

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
  /** Whether the data are the body of a call. */
  readonly isCall?: boolean | undefined;
}

/** A message that says how long it may be kept: by its timeout, and by the flag NO_CACHE. */
export interface OutgoingMessage extends Outgoing {
  /** Milliseconds; the default of limits.ts when absent. */
  readonly timeoutMs?: number | undefined;
  /** The same, where the timeout of a frame cannot say it: over TIMEOUT_EXACT_MS_MAX. */
  readonly ttlMs?: number | undefined;
  /** Flags of the frame, such as TRACE. */
  readonly flags?: number | undefined;
}

/** The timeout of a request is the time until E_DEADLINE. */
export type OutgoingRequest = OutgoingMessage;

/** What is published, for whoever subscribed to its topic. */
export interface OutgoingEvent {
  readonly topic: string;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly data?: Buffer | undefined;
  /** The service in whose name it is published; the endpoint's own when absent. */
  readonly from?: string | undefined;
}

/** Templates, services and topics that are remembered; past it, all are forgotten at once. */
const CACHE_COUNT_MAX = 4096;
/** Templates that are longer are made each time: what is remembered stays small. */
const TEMPLATE_BYTES_KEPT = 1_024;
const EMPTY = Buffer.alloc(0);

/** Throws E_ARGUMENT_INVALID. */
export function checkCommand(command: string): void {
  if (command !== '') return;
  throw new DagentError('E_ARGUMENT_INVALID', { method: 'send', reason: 'the command is empty' });
}

/** What all frames from one sender to one destination with one command have in common. */
export interface Template {
  readonly lane: Lane;
  /** A whole message without number and data. */
  readonly bytes: Buffer;
  readonly isBroadcast: boolean;
  /** Whether it is said by libraries to each other, through daemons always. */
  readonly isReserved: boolean;
}

interface Destination {
  readonly to: string;
  /** The node that is named, if one is. */
  readonly nodeName: string;
  readonly node: number;
  readonly service: number;
  readonly isBroadcast: boolean;
  /** What a message there says of how far it goes. */
  readonly reach: Pick<FrameFields, 'flags' | 'channel'>;
  /** Without parameters, by command: those of the endpoint's own service, and all others. */
  readonly own: Map<string, Template>;
  readonly others: Map<string, Template>;
  /** By sender. */
  readonly lanes: Map<string, Lane>;
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
  const caches = { to, own: new Map(), others: new Map(), lanes: new Map() };
  const broadcast = parseBroadcast(to);
  if (broadcast !== undefined) {
    const service = broadcast.service === '' ? 0 : serviceKeyOf(broadcast.service);
    const reach = { flags: Flag.BROADCAST, channel: broadcast.scope };
    return { node: 0, service, isBroadcast: true, reach, nodeName: '', ...caches };
  }
  const address = parseAddress(to);
  if (address === undefined) throw new DagentError('E_ADDRESS_INVALID', { address: to });
  const [node, service] = [nodeKeyOf(address.node), serviceKeyOf(address.service)];
  const names = { nodeName: address.node, isBroadcast: false };
  return { node, service, ...names, reach: {}, ...caches };
}

/** Whether both have one template. */
function isLike(out: OutgoingRequest, last: OutgoingRequest): boolean {
  return (
    out.to === last.to &&
    out.command === last.command &&
    out.from === last.from &&
    out.isCall === last.isCall &&
    out.params === undefined &&
    out.ttlMs === undefined
  );
}

function checkHead(what: string, head: Buffer): Buffer {
  if (head.length <= HEAD_BYTES_MAX) return head;
  throw new DagentError('E_TOO_LARGE', { what, bytes: head.length, max: HEAD_BYTES_MAX });
}

export class OutgoingEncoder {
  readonly #identity: EndpointIdentity;
  readonly #line: Line;
  readonly #nodeKey: number;
  readonly #destinations = new Map<string, Destination>();
  #templateCount = 0;
  /** The last one that was looked up: most who have much to say say it to one. */
  #last: { readonly out: OutgoingRequest; readonly template: Template } | undefined;
  readonly #serviceKeys = new Map<string, number>();
  /** Encoded heads of events without parameters, by sender and topic. */
  readonly #topics = new Map<string, Buffer>();

  /** What is sent goes by `line` as long as nothing else is said of its lane. */
  constructor(identity: EndpointIdentity, line: Line) {
    this.#identity = identity;
    this.#line = line;
    this.#nodeKey = nodeKeyOf(identity.node);
  }

  #sourceOf(service: string): Pick<ExchangeAddress, 'fromNode' | 'fromService' | 'seed'> {
    const fromService = remember(this.#serviceKeys, service, () => serviceKeyOf(service));
    return { fromNode: this.#nodeKey, fromService, seed: this.#identity.seed };
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

  #encodeHead(out: OutgoingRequest, service: string): Buffer {
    const { to, command, params, isCall, ttlMs } = out;
    // Of a call, who is called says that there is no such method.
    if (isCall !== true) checkCommand(command);
    const from = formatAddress({ node: this.#identity.node, service });
    const call = isCall === true ? { call: true } : {};
    const more = params === undefined ? call : { params, ...call };
    const ttl = ttlMs === undefined ? {} : { ttl: ttlMs };
    const head = pack({ from, to, cmd: command, ...more, ...ttl });
    return checkHead('the command with its parameters', head);
  }

  /** The lane that something is sent by. Throws E_ADDRESS_INVALID. */
  laneOf({ to, from }: Pick<Outgoing, 'to' | 'from'>): Lane {
    return this.#laneTo(this.#destinationOf(to), from ?? this.#identity.service);
  }

  #destinationOf(to: string): Destination {
    const known = this.#destinations.get(to);
    if (known !== undefined) return known;
    const destination = parseDestination(to);
    if (this.#destinations.size >= CACHE_COUNT_MAX) this.#forget();
    this.#destinations.set(to, destination);
    return destination;
  }

  #laneTo(destination: Destination, from: string): Lane {
    const known = destination.lanes.get(from);
    if (known !== undefined) return known;
    const { to, node, service: toService, nodeName, isBroadcast } = destination;
    const isNear = !isBroadcast && (nodeName === '' || nodeName === this.#identity.node);
    const address = { toNode: node, toService, ...this.#sourceOf(from) };
    const begun = { line: this.#line, count: 0, sinceMs: Number.NEGATIVE_INFINITY };
    const lane = { to, from, address, isNear, ...begun, isPinned: false };
    destination.lanes.set(from, lane);
    return lane;
  }

  /** Forgets all but the lanes that have lines of their own. */
  #forget(): void {
    this.#templateCount = 0;
    this.#last = undefined;
    for (const [to, { own, others, lanes }] of this.#destinations) {
      for (const [from, lane] of lanes) if (!lane.isPinned) lanes.delete(from);
      own.clear();
      others.clear();
      if (lanes.size === 0) this.#destinations.delete(to);
    }
  }

  #encode(out: OutgoingRequest, destination: Destination): Template {
    const lane = this.#laneTo(destination, out.from ?? this.#identity.service);
    const { reach, isBroadcast } = destination;
    const fields = { kind: Kind.MESSAGE, ...reach, ...lane.address };
    const bytes = encodeFrame(fields, this.#encodeHead(out, lane.from));
    return { lane, bytes, isBroadcast, isReserved: isReserved(out.command) };
  }

  /**
   * What is to be sent, but for its data. Throws E_ADDRESS_INVALID, E_ARGUMENT_INVALID,
   * E_TOO_LARGE.
   */
  templateOf(out: OutgoingRequest): Template {
    if (this.#last !== undefined && isLike(out, this.#last.out)) return this.#last.template;
    if (this.#templateCount >= CACHE_COUNT_MAX) this.#forget();
    const { to, command } = out;
    const destination = this.#destinationOf(to);
    if (out.params !== undefined || out.ttlMs !== undefined) return this.#encode(out, destination);
    const isOwn = out.from === undefined && out.isCall !== true;
    const templates = isOwn ? destination.own : destination.others;
    const call = out.isCall === true ? 'call ' : '';
    const key = isOwn ? command : `${out.from ?? ''} ${call}${command}`;
    let template = templates.get(key);
    if (template === undefined) {
      template = this.#encode(out, destination);
      if (template.bytes.length > TEMPLATE_BYTES_KEPT) return template;
      this.#templateCount++;
      templates.set(key, template);
    }
    this.#last = { out: { to, command, from: out.from, isCall: out.isCall }, template };
    return template;
  }
}
