/**
 * One end of all exchanges of a program, or of the daemon's own service: turns calls into frames
 * and frames into calls. No I/O: frames go out through a {@link FrameSink} and come in through
 * `receive`.
 */
import { viewOf } from '../base/view.ts';
import { formatAddress, nodeKeyOf, serviceKeyOf } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  At,
  encodeTimeout,
  Flag,
  type FrameHeader,
  Kind,
  ROUTED_KIND_MIN,
  readHeader,
} from '../protocol/frame.ts';
import { DIRECT_AFTER_COUNT } from '../protocol/limits.ts';
import { Answering } from './answering.ts';
import { Asking } from './asking.ts';
import { type Flow, readFlow, type Service, type ServiceHandlers } from './flow.ts';
import type { FrameSink, FrameWriter } from './frame-writer.ts';
import { type Incoming, IncomingMessage } from './incoming.ts';
import type { Lane } from './lane.ts';
import { Line } from './line.ts';
import {
  dataOf,
  type EndpointIdentity,
  OutgoingEncoder,
  type OutgoingEvent,
  type OutgoingMessage,
  type OutgoingRequest,
} from './outgoing.ts';

export type { ServiceHandlers };

const EMPTY = Buffer.alloc(0);
/** What has such a flag is about the way through the daemons. */
const MARKED = Flag.TRACE | Flag.DRY;

function timeoutOf(ms: number | undefined): number {
  return ms === undefined ? 0 : encodeTimeout(ms);
}

function refuseReserved(exchange: Answering): void {
  const { to, command } = exchange.request;
  exchange.reject({ code: 'E_NOT_UNDERSTOOD', values: { service: to, command } });
}

export class Endpoint {
  readonly identity: EndpointIdentity;
  /** The line to the daemon. */
  readonly main: Line;
  /** Frames that made no sense here, by reason. */
  readonly counters = { forged: 0, unexpected: 0 };
  /** Called with each event that comes. */
  onEvent: (event: Incoming) => void = () => undefined;
  /** Called when a lane that may have a direct line has sent DIRECT_AFTER_COUNT. */
  onBusy: (lane: Lane) => void = () => undefined;
  /** Called with what another library asks this one; it answers at once. */
  onReserved: (exchange: Answering) => void = refuseReserved;
  /** Called with each frame that belongs to the link, not to an exchange. */
  onLinkFrame: (frame: Buffer) => void = () => undefined;
  readonly #nodeKey: number;
  readonly #services = new Map<number, Service>();
  readonly #outgoing: OutgoingEncoder;
  readonly #direct = new Set<Line>();
  #number = 0;
  /** Why nothing can be sent any more. */
  #closedBy: DagentError | undefined;

  constructor(identity: EndpointIdentity, sink: FrameSink) {
    this.identity = identity;
    this.#nodeKey = nodeKeyOf(identity.node);
    this.main = new Line(sink, null, (frame, line) => this.#readFlow(frame, line));
    this.#outgoing = new OutgoingEncoder(identity, this.main);
  }

  /** All connections: the one to the daemon first. */
  get lines(): readonly Line[] {
    return [this.main, ...this.#direct];
  }

  /** What gathers the frames to the daemon. */
  get writer(): FrameWriter {
    return this.main.writer;
  }

  /** Adds a direct line, whose bytes go to `sink`, and which takes what `admits` says. */
  openDirect(sink: FrameSink, admits: (header: FrameHeader) => boolean): Line {
    const line = new Line(sink, admits, (frame, by) => this.#readFlow(frame, by));
    this.#direct.add(line);
    return line;
  }

  /** A direct line is gone: what was asked by it is lost. */
  closeDirect(line: Line): void {
    this.#direct.delete(line);
    const loss = { node: this.identity.node, reason: 'has lost the direct connection to it' };
    line.end((to) => new DagentError('E_LOST', { to, ...loss }));
  }

  /** What was to go by a direct line went to the daemon instead: from there the answers come. */
  adopt(line: Line): void {
    this.#direct.delete(line);
    for (const [number, asking] of line.asking) this.main.asking.set(number, asking);
  }

  /** Ends the requests by direct lines whose time is over; to be called now and then. */
  expire(nowMs: number): void {
    for (const line of this.#direct) line.expire(nowMs);
  }

  /** The lane of what is sent to a destination. Throws E_ADDRESS_INVALID. */
  laneOf(to: string, from?: string): Lane {
    return this.#outgoing.laneOf({ to, from });
  }

  /** Says who handles what comes to a service. The caller has registered its name. */
  handle(service: string, handlers: ServiceHandlers): void {
    const address = formatAddress({ node: this.identity.node, service });
    this.#services.set(serviceKeyOf(service), { name: service, address, handlers });
    this.#clearFlows();
  }

  unhandle(service: string): void {
    this.#services.delete(serviceKeyOf(service));
    this.#clearFlows();
  }

  #clearFlows(): void {
    this.main.flows.clear();
    for (const line of this.#direct) line.flows.clear();
  }

  #nextNumber(): number {
    this.#number = (this.#number + 1) >>> 0;
    return this.#number;
  }

  /**
   * Sends a message, at most once; nothing tells what becomes of it. Returns the line by which it
   * goes. Throws E_ADDRESS_INVALID, E_TOO_LARGE, and what the connection was lost by.
   */
  send(out: OutgoingMessage): Line {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const data = dataOf(out);
    const { lane, bytes, isBroadcast } = this.#outgoing.templateOf(out);
    const { line } = lane;
    const { flags, timeoutMs } = out;
    const isPlain = (flags === undefined && timeoutMs === undefined) || isBroadcast;
    const kept = isPlain
      ? undefined
      : { kind: Kind.MESSAGE, flags: flags ?? 0, timeout: timeoutOf(timeoutMs) };
    line.writer.writeLike(bytes, this.#nextNumber(), data, kept);
    if (++lane.count === DIRECT_AFTER_COUNT && lane.isNear) this.onBusy(lane);
    return line;
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
    const { lane, bytes, isBroadcast, isReserved } = this.#outgoing.templateOf(out);
    if (isBroadcast) throw new DagentError('E_BROADCAST', { to: out.to });
    const number = this.#nextNumber();
    // What traces the way must go it.
    const line = isReserved || (flags & MARKED) !== 0 ? this.main : lane.line;
    const asking = new Asking(lane.address, number, line.writer, out.to);
    if (this.#closedBy !== undefined) {
      asking.fail(this.#closedBy);
      return asking;
    }
    if (line.isDirect) {
      asking.address = { ...lane.address, toNode: this.#nodeKey };
      if (!line.watch(asking, out.timeoutMs)) return asking;
    }
    line.asking.set(number, asking);
    const timeout = timeoutOf(out.timeoutMs);
    line.writer.writeLike(bytes, number, data, { kind, flags, timeout });
    if (++lane.count === DIRECT_AFTER_COUNT && lane.isNear) this.onBusy(lane);
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

  /** Takes whole frames that came by a line: from the router, if no other is named. */
  receive(run: Buffer, line: Line = this.main): void {
    const view = viewOf(run);
    for (let at = 0; at < run.length; ) {
      const end = at + view.getUint32(at) + 4;
      const kind = run[at + At.KIND] ?? 0;
      const isNew = kind === Kind.MESSAGE || kind === Kind.REQUEST || kind === Kind.EVENT;
      if (isNew && ((run[at + At.FLAGS] ?? 0) & Flag.RESPONSE) === 0) {
        line.receivedCount++;
        const flow = line.flows.find(run, view, at);
        if (!flow.isGenuine) this.counters.forged++;
        else this.#deliver(line, kind, new IncomingMessage(flow, run, at, end), flow);
      } else {
        this.#receiveOther(line, run.subarray(at, end), readHeader(view, at));
      }
      at = end;
    }
  }

  #receiveOther(line: Line, frame: Buffer, header: FrameHeader): void {
    const { kind, flags, seed, number } = header;
    if ((flags & Flag.RESPONSE) !== 0) return line.takeResponse(number, frame);
    if (kind < ROUTED_KIND_MIN) {
      if (!line.isDirect) this.onLinkFrame(frame);
      return;
    }
    const answering = line.answering.find(seed, number);
    if (answering === undefined) return;
    if (answering.isFromAsker(frame)) answering.handle(frame);
    else this.counters.forged++;
  }

  #readFlow(frame: Buffer, line: Line): Flow {
    const flow = readFlow(frame, this.#services, this.#nodeKey);
    return line.admits === null || (flow.isGenuine && line.admits(flow.header))
      ? flow
      : { ...flow, isGenuine: false };
  }

  #deliver(line: Line, kind: number, incoming: IncomingMessage, flow: Flow): void {
    if (kind === Kind.EVENT) this.onEvent(incoming);
    else if (flow.isBroadcast) this.#receiveBroadcast(incoming, flow.head.service);
    else if (kind === Kind.REQUEST) this.#openAnswering(line, incoming, flow);
    else this.#receiveMessage(line, incoming, flow);
  }

  #receiveMessage(line: Line, message: IncomingMessage, flow: Flow): void {
    const { handlers } = flow;
    const isExpected = handlers?.onMessage !== undefined && handlers.onMessage(message) !== false;
    if (!isExpected) this.counters.unexpected++;
    if (!line.isDirect || (flow.header.flags & Flag.REPORT) === 0) return;
    // Otherwise the daemon says so.
    const { number } = message;
    const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, ...flow.answerTo, number };
    line.writer.write(fields, EMPTY, EMPTY);
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

  #openAnswering(line: Line, incoming: IncomingMessage, flow: Flow): void {
    const { number } = incoming;
    const answering = new Answering(flow.answerTo, number, line.writer, incoming);
    if (line.answering.find(flow.header.seed, number) !== undefined) {
      const reason = `its id ${incoming.sn} is that of a request without an outcome`;
      answering.reject({ code: 'E_FRAME_INVALID', values: { reason } });
      return;
    }
    const { handlers, isReserved } = flow;
    if (!isReserved && handlers?.onRequest === undefined) {
      const values = { service: incoming.to, command: incoming.command };
      answering.reject({ code: 'E_NOT_UNDERSTOOD', values, origin: this.identity.node });
      return;
    }
    line.open(answering);
    if (isReserved) this.onReserved(answering);
    else handlers?.onRequest?.(answering);
  }

  /** The connection is gone: every exchange ends, and no other can begin. */
  close(error: DagentError): void {
    this.#closedBy = error;
    for (const line of this.lines) line.end(() => error);
    this.#direct.clear();
  }
}
