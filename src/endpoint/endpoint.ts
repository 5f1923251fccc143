/**
 * One end of all exchanges of a program, or of the daemon's own service: turns calls into frames
 * and frames into calls. No I/O: frames go out through a {@link FrameSink} and come in through
 * `receive`.
 */
import { formatAddress, nodeKeyOf, parseAddress, serviceKeyOf } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  At,
  decodeHeader,
  encodeTimeout,
  Flag,
  type FrameHeader,
  Kind,
  PREFIX_BYTES,
  ROUTED_KIND_MIN,
} from '../protocol/frame.ts';
import { Answering } from './answering.ts';
import { AnsweringTable } from './answering-table.ts';
import { Asking } from './asking.ts';
import type { ExchangeAddress } from './exchange.ts';
import { FlowTable, viewOf } from './flow-table.ts';
import { type FrameSink, FrameWriter } from './frame-writer.ts';
import { type Incoming, IncomingMessage, type IncomingOrigin, readHead } from './incoming.ts';
import {
  dataOf,
  type EndpointIdentity,
  OutgoingEncoder,
  type OutgoingEvent,
  type OutgoingMessage,
  type OutgoingRequest,
} from './outgoing.ts';

/** What a service does with what comes. */
export interface ServiceHandlers {
  onMessage?(message: Incoming): void;
  onRequest?(exchange: Answering): void;
}

/** A service of this endpoint. */
interface Service {
  readonly name: string;
  readonly address: string;
  readonly handlers: ServiceHandlers;
}

/** What is known of all messages, requests and events of one sender that are alike. */
interface Flow extends IncomingOrigin {
  /** The service that is meant, if it is here. */
  readonly handlers: ServiceHandlers | undefined;
  /** Whether the sender's name belongs to the keys that its first node has checked. */
  readonly isGenuine: boolean;
  /** Where answers to a request go. */
  readonly answerTo: ExchangeAddress;
}

function timeoutOf(ms: number | undefined): number {
  return ms === undefined ? 0 : encodeTimeout(ms);
}

/** Whether a name has the keys that a frame says to be from. */
function isGenuine(from: string, header: FrameHeader): boolean {
  const address = parseAddress(from);
  if (address === undefined || nodeKeyOf(address.node) !== header.fromNode) return false;
  return serviceKeyOf(address.service) === header.fromService;
}

export class Endpoint {
  readonly identity: EndpointIdentity;
  readonly writer: FrameWriter;
  /** Frames that made no sense here, by reason. */
  readonly counters = { forged: 0, unexpected: 0 };
  /** Called with each event that comes. */
  onEvent: (event: Incoming) => void = () => undefined;
  /** Called with each frame that belongs to the link, not to an exchange. */
  onLinkFrame: (frame: Buffer) => void = () => undefined;
  readonly #nodeKey: number;
  readonly #services = new Map<number, Service>();
  readonly #outgoing: OutgoingEncoder;
  readonly #flows = new FlowTable((frame) => this.#readFlow(frame));
  readonly #asking = new Map<number, Asking>();
  readonly #answering = new AnsweringTable();
  readonly #forget = (answering: Answering): void => this.#answering.remove(answering);
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
    this.#flows.clear();
  }

  unhandle(service: string): void {
    this.#services.delete(serviceKeyOf(service));
    this.#flows.clear();
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) >>> 0;
    return this.#number;
  }

  /**
   * Sends a message, at most once; nothing tells what becomes of it.
   * Throws E_ADDRESS_INVALID, E_TOO_LARGE, and what the connection was lost by.
   */
  send(out: OutgoingMessage): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const data = dataOf(out);
    const { flags, timeoutMs } = out;
    if (flags !== undefined || timeoutMs !== undefined) {
      const { bytes, isBroadcast } = this.#outgoing.templateOf(out);
      const kept = { kind: Kind.MESSAGE, flags: flags ?? 0, timeout: timeoutOf(timeoutMs) };
      this.writer.writeLike(bytes, this.#nextNumber(), data, isBroadcast ? undefined : kept);
      return;
    }
    this.writer.writeLike(this.#outgoing.templateOf(out).bytes, this.#nextNumber(), data);
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
    const data = dataOf(out);
    const { address, bytes, isBroadcast } = this.#outgoing.templateOf(out);
    if (isBroadcast) throw new DagentError('E_BROADCAST', { to: out.to });
    const number = this.#nextNumber();
    const asking = new Asking(address, number, this.writer, out.to);
    if (this.#closedBy !== undefined) {
      asking.fail(this.#closedBy);
      return asking;
    }
    this.#asking.set(number, asking);
    const timeout = timeoutOf(out.timeoutMs);
    this.writer.writeLike(bytes, number, data, { kind, flags, timeout });
    return asking;
  }

  /** Sends a message and asks to be told: the outcome is a reply once its receiver has it. */
  sendReported(out: OutgoingMessage): Asking {
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
    const view = viewOf(run);
    for (let at = 0; at < run.length; ) {
      const end = at + view.getUint32(at) + 4;
      this.#receiveFrame(run, view, at, end);
      at = end;
    }
  }

  #receiveFrame(run: Buffer, view: DataView, at: number, end: number): void {
    const kind = run[at + At.KIND] ?? 0;
    if (((run[at + At.FLAGS] ?? 0) & Flag.RESPONSE) !== 0) {
      const number = view.getUint32(at + At.NUMBER);
      const asking = this.#asking.get(number);
      if (asking?.handle(run.subarray(at, end)) === true) this.#asking.delete(number);
    } else if (kind === Kind.MESSAGE || kind === Kind.REQUEST || kind === Kind.EVENT) {
      const flow = this.#flows.find(run, view, at);
      if (!flow.isGenuine) this.counters.forged++;
      else this.#deliver(kind, flow, new IncomingMessage(flow, run, at, end));
    } else if (kind < ROUTED_KIND_MIN) {
      this.onLinkFrame(run.subarray(at, end));
    } else {
      this.#receiveLater(run.subarray(at, end));
    }
  }

  /** A frame of an exchange that this side answers. */
  #receiveLater(frame: Buffer): void {
    const { seed, number } = decodeHeader(frame);
    const answering = this.#answering.find(seed, number);
    if (answering === undefined) return;
    if (answering.isFromAsker(frame)) answering.handle(frame);
    else this.counters.forged++;
  }

  #readFlow(frame: Buffer): Flow {
    const header = decodeHeader(frame);
    const head = readHead(frame);
    const named = this.#services.get(header.toService);
    const service = named?.name === head.service ? named : undefined;
    const isBroadcast = (header.flags & Flag.BROADCAST) !== 0;
    const to = isBroadcast ? head.to : (service?.address ?? '');
    return {
      head,
      header,
      dataAt: PREFIX_BYTES + frame.readUInt16BE(At.HEAD_LENGTH),
      to: header.kind === Kind.EVENT ? head.topic : to,
      handlers: service?.handlers,
      isGenuine: isGenuine(head.from, header),
      answerTo: {
        toNode: header.fromNode,
        toService: header.fromService,
        fromNode: this.#nodeKey,
        fromService: header.toService,
        seed: header.seed,
      },
    };
  }

  #deliver(kind: number, flow: Flow, incoming: IncomingMessage): void {
    if (kind === Kind.EVENT) this.onEvent(incoming);
    else if ((flow.header.flags & Flag.BROADCAST) !== 0)
      this.#receiveBroadcast(incoming, flow.head.service);
    else if (kind === Kind.REQUEST) this.#openAnswering(incoming, flow);
    else if (flow.handlers?.onMessage !== undefined) flow.handlers.onMessage(incoming);
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

  #openAnswering(incoming: IncomingMessage, flow: Flow): void {
    const { number } = incoming;
    const { seed } = flow.header;
    const answering = new Answering(flow.answerTo, number, this.writer, incoming);
    if (this.#answering.find(seed, number) !== undefined) {
      const reason = `its id ${incoming.sn} is that of a request without an outcome`;
      answering.reject({ code: 'E_FRAME_INVALID', values: { reason } });
      return;
    }
    if (flow.handlers?.onRequest === undefined) {
      const values = { service: incoming.to, command: incoming.command };
      answering.reject({ code: 'E_NOT_UNDERSTOOD', values, origin: this.identity.node });
      return;
    }
    this.#answering.add(answering);
    answering.onOver = this.#forget;
    flow.handlers.onRequest(answering);
  }

  /** The connection is gone: every exchange ends, and no other can begin. */
  close(error: DagentError): void {
    this.#closedBy = error;
    for (const asking of this.#asking.values()) asking.fail(error);
    for (const answering of this.#answering.all()) answering.abandon();
    this.#asking.clear();
    this.#answering.clear();
  }
}
