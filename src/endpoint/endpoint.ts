/**
 * One end of all exchanges of a program, or of the daemon's own service: turns calls into frames
 * and frames into calls. No I/O: frames go out through a {@link FrameSink} and come in through
 * `receive`.
 */
import { formatAddress, nodeKeyOf, parseAddress, serviceKeyOf } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { At, decodeHeader, Flag, type FrameHeader, Kind } from '../protocol/frame.ts';
import { BODY_BYTES_MAX, HEAD_BYTES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { eachFrame } from '../protocol/splitter.ts';
import { Answering } from './answering.ts';
import { Asking } from './asking.ts';
import type { ExchangeAddress, SendFrame } from './exchange.ts';
import { type FrameSink, FrameWriter } from './frame-writer.ts';
import { formatSn, HeadReader, type Incoming, IncomingMessage } from './incoming.ts';

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
}

/** What a service does with what comes. */
export interface ServiceHandlers {
  onMessage?(message: Incoming): void;
  onRequest?(exchange: Answering): void;
}

/** Destinations are few and used often: keys and heads are computed once each. */
const CACHE_COUNT_MAX = 4096;
const EMPTY = Buffer.alloc(0);

interface Destination {
  readonly node: number;
  readonly service: number;
  /** Encoded heads without parameters, by sender and command. */
  readonly heads: Map<string, Buffer>;
}

export class Endpoint {
  readonly identity: EndpointIdentity;
  readonly writer: FrameWriter;
  /** Frames that made no sense here, by reason. */
  readonly counters = { forged: 0, unexpected: 0 };
  readonly #nodeKey: number;
  readonly #services = new Map<
    number,
    { name: string; address: string; handlers: ServiceHandlers }
  >();
  readonly #keys = new Map<string, number>();
  readonly #heads = new HeadReader();
  readonly #asking = new Map<number, Asking>();
  readonly #answering = new Map<string, Answering>();
  readonly #destinations = new Map<string, Destination>();
  readonly #sources = new Map<string, { node: number; service: number }>();
  #number = 0;
  /** Why nothing can be sent any more. */
  #closedBy: DagentError | undefined;

  constructor(identity: EndpointIdentity, sink: FrameSink) {
    this.identity = identity;
    this.writer = new FrameWriter(sink);
    this.#nodeKey = nodeKeyOf(identity.node);
  }

  /** Says who handles what comes to a service. The caller has registered its name. */
  handle(service: string, handlers: ServiceHandlers): void {
    const address = formatAddress({ node: this.identity.node, service });
    this.#services.set(serviceKeyOf(service), { name: service, address, handlers });
  }

  unhandle(service: string): void {
    this.#services.delete(serviceKeyOf(service));
  }

  #destinationOf(to: string): Destination {
    const known = this.#destinations.get(to);
    if (known !== undefined) return known;
    const address = parseAddress(to);
    if (address === undefined) throw new DagentError('E_ADDRESS_INVALID', { address: to });
    if (this.#destinations.size >= CACHE_COUNT_MAX) this.#destinations.clear();
    const node = nodeKeyOf(address.node);
    const destination = { node, service: serviceKeyOf(address.service), heads: new Map() };
    this.#destinations.set(to, destination);
    return destination;
  }

  #encodeHead(out: OutgoingRequest, destination: Destination, service: string): Buffer {
    const { to, command, params, isCall } = out;
    const isPlain = params === undefined;
    const key = isCall === true ? `${service} call ${command}` : `${service} ${command}`;
    const known = isPlain ? destination.heads.get(key) : undefined;
    if (known !== undefined) return known;
    const from = formatAddress({ node: this.identity.node, service });
    const call = isCall === true ? { call: true } : {};
    const head = pack({ from, to, cmd: command, ...(isPlain ? {} : { params }), ...call });
    if (head.length > HEAD_BYTES_MAX) {
      const what = 'the command with its parameters';
      throw new DagentError('E_TOO_LARGE', { what, bytes: head.length, max: HEAD_BYTES_MAX });
    }
    if (isPlain && destination.heads.size < CACHE_COUNT_MAX) destination.heads.set(key, head);
    return head;
  }

  #keyOf(service: string): number {
    let key = this.#keys.get(service);
    if (key === undefined) {
      key = serviceKeyOf(service);
      if (this.#keys.size >= CACHE_COUNT_MAX) this.#keys.clear();
      this.#keys.set(service, key);
    }
    return key;
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) >>> 0;
    return this.#number;
  }

  #checkBody(data: Buffer): void {
    if (data.length <= BODY_BYTES_MAX) return;
    const values = { what: 'the data', bytes: data.length, max: BODY_BYTES_MAX };
    throw new DagentError('E_TOO_LARGE', values);
  }

  #addressOf(destination: Destination, service: string): ExchangeAddress {
    return {
      toNode: destination.node,
      toService: destination.service,
      fromNode: this.#nodeKey,
      fromService: this.#keyOf(service),
      seed: this.identity.seed,
      number: this.#nextNumber(),
    };
  }

  /**
   * Sends a message, at most once; nothing tells what becomes of it.
   * Throws E_ADDRESS_INVALID, E_TOO_LARGE, and what the connection was lost by.
   */
  send(out: Outgoing): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const data = out.data ?? EMPTY;
    this.#checkBody(data);
    const service = out.from ?? this.identity.service;
    const destination = this.#destinationOf(out.to);
    const head = this.#encodeHead(out, destination, service);
    const address = this.#addressOf(destination, service);
    this.writer.write({ kind: Kind.MESSAGE, ...address }, head, data);
  }

  #ask(out: OutgoingRequest, kind: Kind, flags: number): Asking {
    const data = out.data ?? EMPTY;
    this.#checkBody(data);
    const service = out.from ?? this.identity.service;
    const destination = this.#destinationOf(out.to);
    const head = this.#encodeHead(out, destination, service);
    const address = this.#addressOf(destination, service);
    const write: SendFrame = (fields, h, b) => this.writer.write(fields, h, b);
    const asking = new Asking(address, write, out.to);
    if (this.#closedBy !== undefined) {
      asking.fail(this.#closedBy);
      return asking;
    }
    this.#asking.set(address.number, asking);
    asking.open(kind, { timeoutMs: out.timeoutMs, flags }, head, data);
    return asking;
  }

  /** Sends a message and asks to be told: the outcome is a reply once its receiver has it. */
  sendReported(out: OutgoingRequest): Asking {
    return this.#ask(out, Kind.MESSAGE, Flag.REPORT);
  }

  /** Opens an exchange. Throws E_ADDRESS_INVALID, E_TOO_LARGE; all else is its outcome. */
  request(out: OutgoingRequest): Asking {
    return this.#ask(out, Kind.REQUEST, 0);
  }

  /** Takes whole frames from the router. */
  receive(run: Buffer): void {
    eachFrame(run, (frame) => this.#receiveFrame(frame));
  }

  #receiveFrame(frame: Buffer): void {
    const kind = frame[At.KIND];
    if (((frame[At.FLAGS] ?? 0) & Flag.RESPONSE) !== 0) {
      const number = frame.readUInt32BE(At.NUMBER);
      if (this.#asking.get(number)?.handle(frame) === true) this.#asking.delete(number);
    } else if (kind === Kind.REQUEST || kind === Kind.MESSAGE) {
      this.#receiveNew(frame, decodeHeader(frame));
    } else {
      const sn = formatSn(frame.readUInt32BE(At.SEED), frame.readUInt32BE(At.NUMBER));
      const answering = this.#answering.get(sn);
      if (answering === undefined) return;
      if (answering.isFromAsker(frame)) answering.handle(frame);
      else this.counters.forged++;
    }
  }

  /** Whether the sender's name belongs to the keys that its first node has checked. */
  #isGenuine(from: string, header: FrameHeader): boolean {
    let keys = this.#sources.get(from);
    if (keys === undefined) {
      const address = parseAddress(from);
      if (address === undefined) return false;
      keys = { node: nodeKeyOf(address.node), service: serviceKeyOf(address.service) };
      if (this.#sources.size >= CACHE_COUNT_MAX) this.#sources.clear();
      this.#sources.set(from, keys);
    }
    return keys.node === header.fromNode && keys.service === header.fromService;
  }

  #receiveNew(frame: Buffer, header: FrameHeader): void {
    const head = this.#heads.read(frame);
    const named = this.#services.get(header.toService);
    const service = named?.name === head.service ? named : undefined;
    if (!this.#isGenuine(head.from, header)) {
      this.counters.forged++;
      return;
    }
    const incoming = new IncomingMessage(head, header, service?.address ?? '', frame);
    if (header.kind === Kind.REQUEST) this.#openAnswering(incoming, header, service?.handlers);
    else if (service?.handlers.onMessage !== undefined) service.handlers.onMessage(incoming);
    else this.counters.unexpected++;
  }

  #openAnswering(incoming: Incoming, header: FrameHeader, handlers?: ServiceHandlers): void {
    const address: ExchangeAddress = {
      toNode: header.fromNode,
      toService: header.fromService,
      fromNode: this.#nodeKey,
      fromService: header.toService,
      seed: header.seed,
      number: header.number,
    };
    const send: SendFrame = (fields, h, b) => this.writer.write(fields, h, b);
    const answering = new Answering(address, send, incoming);
    if (this.#answering.has(incoming.sn)) {
      const reason = `its id ${incoming.sn} is that of a request without an outcome`;
      answering.reject({ code: 'E_FRAME_INVALID', values: { reason } });
      return;
    }
    this.#answering.set(incoming.sn, answering);
    answering.onOver = () => this.#answering.delete(incoming.sn);
    if (handlers?.onRequest !== undefined) {
      handlers.onRequest(answering);
      return;
    }
    const values = { service: incoming.to, command: incoming.command };
    answering.reject({ code: 'E_NOT_UNDERSTOOD', values, origin: this.identity.node });
  }

  /** The connection is gone: every exchange ends, and no other can begin. */
  close(error: DagentError): void {
    this.#closedBy = error;
    for (const asking of this.#asking.values()) asking.fail(error);
    for (const answering of this.#answering.values()) answering.abandon();
    this.#asking.clear();
    this.#answering.clear();
  }
}
