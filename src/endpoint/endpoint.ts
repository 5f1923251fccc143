/**
 * One end of all exchanges of a program, or of the daemon's own service: turns calls into frames
 * and frames into calls. No I/O: frames go out through a {@link FrameSink} and come in through
 * `receive`.
 */
import {
  formatAddress,
  nodeKeyOf,
  parseAddress,
  parseBroadcast,
  serviceKeyOf,
} from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { At, decodeHeader, Flag, type FrameHeader, Kind } from '../protocol/frame.ts';
import { eachFrame } from '../protocol/splitter.ts';
import { Answering } from './answering.ts';
import { Asking } from './asking.ts';
import type { ExchangeAddress, SendFrame } from './exchange.ts';
import { type FrameSink, FrameWriter } from './frame-writer.ts';
import { formatSn, HeadReader, type Incoming, IncomingMessage } from './incoming.ts';
import {
  dataOf,
  type EndpointIdentity,
  type Outgoing,
  OutgoingEncoder,
  type OutgoingEvent,
  type OutgoingRequest,
} from './outgoing.ts';

/** What a service does with what comes. */
export interface ServiceHandlers {
  onMessage?(message: Incoming): void;
  onRequest?(exchange: Answering): void;
}

/** Senders whose names were checked and are remembered. */
const SOURCE_COUNT_MAX = 4096;

export class Endpoint {
  readonly identity: EndpointIdentity;
  readonly writer: FrameWriter;
  /** Frames that made no sense here, by reason. */
  readonly counters = { forged: 0, unexpected: 0 };
  /** Called with each event that comes. */
  onEvent: (event: Incoming) => void = () => undefined;
  readonly #nodeKey: number;
  readonly #services = new Map<
    number,
    { name: string; address: string; handlers: ServiceHandlers }
  >();
  readonly #outgoing: OutgoingEncoder;
  readonly #heads = new HeadReader();
  readonly #asking = new Map<number, Asking>();
  readonly #answering = new Map<string, Answering>();
  readonly #sources = new Map<string, { node: number; service: number }>();
  #number = 0;
  /** Why nothing can be sent any more. */
  #closedBy: DagentError | undefined;

  constructor(identity: EndpointIdentity, sink: FrameSink) {
    this.identity = identity;
    this.writer = new FrameWriter(sink);
    this.#nodeKey = nodeKeyOf(identity.node);
    this.#outgoing = new OutgoingEncoder(identity);
  }

  /** Says who handles what comes to a service. The caller has registered its name. */
  handle(service: string, handlers: ServiceHandlers): void {
    const address = formatAddress({ node: this.identity.node, service });
    this.#services.set(serviceKeyOf(service), { name: service, address, handlers });
  }

  unhandle(service: string): void {
    this.#services.delete(serviceKeyOf(service));
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) >>> 0;
    return this.#number;
  }

  /**
   * Sends a message, at most once; nothing tells what becomes of it.
   * Throws E_ADDRESS_INVALID, E_TOO_LARGE, and what the connection was lost by.
   */
  send(out: Outgoing): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const data = dataOf(out);
    if (out.params === undefined) {
      this.writer.writeLike(this.#outgoing.templateOf(out), this.#nextNumber(), data);
      return;
    }
    const head = this.#outgoing.headOf(out);
    this.writer.write(this.#outgoing.messageOf(out, this.#nextNumber()), head, data);
  }

  /**
   * Publishes an event, at most once, to whoever subscribed to its topic. Throws E_TOPIC_INVALID,
   * E_TOO_LARGE, and what the connection was lost by.
   */
  publish(out: OutgoingEvent): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const data = dataOf(out);
    const { fields, head } = this.#outgoing.eventOf(out, this.#nextNumber());
    this.writer.write(fields, head, data);
  }

  #ask(out: OutgoingRequest, kind: Kind, flags: number): Asking {
    if (parseBroadcast(out.to) !== undefined) throw new DagentError('E_BROADCAST', { to: out.to });
    const data = dataOf(out);
    const head = this.#outgoing.headOf(out);
    const address = this.#outgoing.addressOf(out, this.#nextNumber());
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
    return this.#ask(out, Kind.MESSAGE, Flag.REPORT | (out.flags ?? 0));
  }

  /**
   * Opens an exchange. Throws E_ADDRESS_INVALID, E_BROADCAST, E_TOO_LARGE; all else is its outcome.
   */
  request(out: OutgoingRequest): Asking {
    return this.#ask(out, Kind.REQUEST, out.flags ?? 0);
  }

  /** Takes whole frames from the router. */
  receive(run: Buffer): void {
    eachFrame(run, (frame) => this.receiveFrame(frame));
  }

  /** Takes one whole frame from the router. */
  receiveFrame(frame: Buffer): void {
    const kind = frame[At.KIND];
    if (((frame[At.FLAGS] ?? 0) & Flag.RESPONSE) !== 0) {
      const number = frame.readUInt32BE(At.NUMBER);
      if (this.#asking.get(number)?.handle(frame) === true) this.#asking.delete(number);
    } else if (kind === Kind.REQUEST || kind === Kind.MESSAGE) {
      this.#receiveNew(frame, decodeHeader(frame));
    } else if (kind === Kind.EVENT) {
      this.#receiveEvent(frame, decodeHeader(frame));
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
      if (this.#sources.size >= SOURCE_COUNT_MAX) this.#sources.clear();
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
    if ((header.flags & Flag.BROADCAST) !== 0) {
      this.#receiveBroadcast(new IncomingMessage(head, header, head.to, frame), head.service);
      return;
    }
    const incoming = new IncomingMessage(head, header, service?.address ?? '', frame);
    if (header.kind === Kind.REQUEST) this.#openAnswering(incoming, header, service?.handlers);
    else if (service?.handlers.onMessage !== undefined) service.handlers.onMessage(incoming);
    else this.counters.unexpected++;
  }

  /** A message to a service of this name, or, without a name, to all. */
  #receiveBroadcast(message: Incoming, service: string): void {
    // Several services may share their handlers: those are told once.
    const handlers = new Set<ServiceHandlers>();
    for (const each of this.#services.values()) {
      if (service === '' || each.name === service) handlers.add(each.handlers);
    }
    const listening = [...handlers].filter(({ onMessage }) => onMessage !== undefined);
    for (const each of listening) each.onMessage?.(message);
    if (listening.length === 0) this.counters.unexpected++;
  }

  #receiveEvent(frame: Buffer, header: FrameHeader): void {
    const head = this.#heads.read(frame);
    if (this.#isGenuine(head.from, header)) {
      this.onEvent(new IncomingMessage(head, header, head.topic, frame));
    } else {
      this.counters.forged++;
    }
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
