/**
 * Direct connections that others open to this program. Who may is known from the daemon: it vouches
 * for who asks for one, and a token is good for one connection of that sender to that service.
 */
import {
  createDirectName,
  createDirectToken,
  directPath,
  protectSocket,
  sweepDirectSockets,
} from '../adapters/direct-socket.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Line } from '../endpoint/line.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connection, Listener, Transport } from '../ports/transport.ts';
import { nodeKeyOf, parseAddress, serviceKeyOf } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { At, encodeFrame, type FrameHeader, headOf, Kind, MAGIC } from '../protocol/frame.ts';
import {
  DIRECT_CONNECTIONS_MAX,
  FRAME_BYTES_MAX,
  HANDSHAKE_BYTES_MAX,
  HANDSHAKE_MS_MAX,
} from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { createSplitter, splitFrames } from '../protocol/splitter.ts';
import { packTalkers } from './direct-list.ts';

export interface DirectComponents {
  readonly endpoint: Endpoint;
  /** Where the programs of this node meet. */
  readonly directory: string;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Whether this node has the service that is up, or nothing says that it has not. */
  isHere(address: string): boolean;
  /** Sends frames by the connection to the daemon, behind all that was sent there before. */
  writeMain(bytes: Buffer): void;
  /** What was queued by a direct connection has gone out, or it is gone. */
  onDrain(): void;
}

/** Who may open a connection, and to which service. */
interface Offer {
  readonly from: string;
  readonly service: string;
}

/** A connection that was accepted. */
interface Guest {
  readonly connection: Connection;
  /** Once it has said who it is. */
  line: Line | undefined;
  from: string;
  service: string;
  /** When that was, by the monotonic clock. */
  atMs: number;
}

/** What came before the hello is whole: the magic, and frames. */
function readHello(bytes: Buffer): unknown {
  if (!MAGIC.equals(bytes.subarray(0, MAGIC.length))) return undefined;
  const [run] = splitFrames(createSplitter(HANDSHAKE_BYTES_MAX), bytes.subarray(MAGIC.length));
  if (run === undefined) return null;
  if (run.kind !== 'frames' || run.bytes[At.KIND] !== Kind.HELLO) return undefined;
  return unpackMap(headOf(run.bytes)).token;
}

export class DirectHost {
  readonly #components: DirectComponents;
  readonly #nodeKey: number;
  readonly #offers = new Map<string, Offer>();
  readonly #guests = new Set<Guest>();
  /** Services of which the daemon knows where others connect. */
  readonly #announced = new Set<string>();
  #name = '';
  #listener: Promise<Listener> | undefined;
  #isPaused = false;
  #isClosed = false;

  constructor(components: DirectComponents) {
    this.#components = components;
    this.#nodeKey = nodeKeyOf(components.endpoint.identity.node);
  }

  /** Connections that stand. */
  get lines(): Line[] {
    return [...this.#guests].flatMap(({ line }) => (line === undefined ? [] : [line]));
  }

  /** Answers who asks for a connection, if it may have one. */
  async offer(exchange: Answering): Promise<void> {
    const { from, to, command } = exchange.request;
    const { node } = this.#components.endpoint.identity;
    const service = parseAddress(to)?.service;
    const isFull = this.#guests.size >= DIRECT_CONNECTIONS_MAX;
    if (service !== undefined && parseAddress(from)?.node === node && !isFull && !this.#isClosed) {
      try {
        this.#listener ??= this.#listen();
        await this.#listener;
        this.#announce(service);
        const token = this.#createToken({ from, service });
        exchange.reply({ data: pack({ name: this.#name, token }) });
        return;
      } catch {
        // It goes on through the daemon.
      }
    }
    exchange.reject({ code: 'E_NOT_UNDERSTOOD', values: { service: to, command } });
  }

  /** Answers who asks for those that talk to a service directly. */
  list(exchange: Answering): void {
    const asked = parseAddress(exchange.request.to)?.service;
    const nowMs = this.#components.clock.monotonicMs();
    const talkers = [...this.#guests].flatMap(({ line, from, service, atMs }) => {
      if (line === undefined || service !== asked) return [];
      return [{ from, messages: line.receivedCount, sinceMs: Math.round(nowMs - atMs) }];
    });
    exchange.reply({ data: packTalkers(talkers) });
  }

  async #listen(): Promise<Listener> {
    const { directory, transport } = this.#components;
    sweepDirectSockets(directory);
    this.#name = createDirectName();
    const path = directPath(directory, this.#name);
    if (path === undefined) {
      throw new DagentError('E_LISTEN', { url: directory, reason: 'the path is too long' });
    }
    const listener = await transport.listen(`cd:${path}`, (connection) => this.#accept(connection));
    protectSocket(path);
    return listener;
  }

  /** Has the daemon publish the socket; it is not waited for. */
  #announce(service: string): void {
    if (this.#announced.has(service)) return;
    this.#announced.add(service);
    const head = pack({ service, socket: this.#name });
    this.#components.writeMain(encodeFrame({ kind: Kind.REGISTER }, head));
  }

  #createToken(offer: Offer): string {
    const token = createDirectToken();
    const [oldest] = this.#offers.keys();
    if (oldest !== undefined && this.#offers.size >= DIRECT_CONNECTIONS_MAX) {
      this.#offers.delete(oldest);
    }
    this.#offers.set(token, offer);
    return token;
  }

  #accept(connection: Connection): void {
    const guest: Guest = { connection, line: undefined, from: '', service: '', atMs: 0 };
    this.#guests.add(guest);
    if (this.#guests.size > DIRECT_CONNECTIONS_MAX || this.#isClosed) {
      connection.abort('there are too many');
    }
    const { endpoint, clock, onDrain } = this.#components;
    const abort = (): void => connection.abort('it does not say who it is');
    const stopTimer = clock.after(HANDSHAKE_MS_MAX, abort);
    const splitter = createSplitter(FRAME_BYTES_MAX);
    let begun: Buffer = Buffer.alloc(0);
    connection.attach({
      onBytes: (bytes) => {
        if (guest.line === undefined) {
          begun = Buffer.concat([begun, bytes]);
          const token = begun.length < MAGIC.length ? null : readHello(begun);
          if (token === null && begun.length < HANDSHAKE_BYTES_MAX) return;
          if (this.#welcome(guest, token)) stopTimer();
          else abort();
          return;
        }
        for (const run of splitFrames(splitter, bytes)) {
          if (run.kind === 'frames') endpoint.receive(run.bytes, guest.line);
          else connection.abort(`a broken frame: ${run.fault.code}`);
        }
      },
      onClose: () => {
        stopTimer();
        this.#guests.delete(guest);
        if (guest.line !== undefined) endpoint.closeDirect(guest.line);
        onDrain();
      },
      onDrain,
    });
  }
  /** Opens a line to who has a token; false when it has none. */
  #welcome(guest: Guest, token: unknown): boolean {
    const offer = typeof token === 'string' ? this.#offers.get(token) : undefined;
    if (typeof token !== 'string' || offer === undefined) return false;
    this.#offers.delete(token);
    const { connection } = guest;
    const fromService = serviceKeyOf(parseAddress(offer.from)?.service ?? '');
    const toService = serviceKeyOf(offer.service);
    const admits = (header: FrameHeader): boolean =>
      (header.kind === Kind.MESSAGE || header.kind === Kind.REQUEST) &&
      (header.toNode === this.#nodeKey || header.toNode === 0) &&
      header.fromService === fromService &&
      header.toService === toService;
    const sink = {
      write: (bytes: Buffer, onTaken: () => void) => connection.write(bytes, onTaken),
      schedule: (flush: () => void) => queueMicrotask(flush),
    };
    guest.line = this.#components.endpoint.openDirect(sink, admits);
    guest.from = offer.from;
    guest.service = offer.service;
    guest.atMs = this.#components.clock.monotonicMs();
    connection.write(encodeFrame({ kind: Kind.WELCOME }));
    connection.setPaused(this.#isPaused);
    return true;
  }

  /** Stops, or goes on with, reading. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    for (const { connection } of this.#guests) connection.setPaused(isPaused);
  }

  /** Bytes of answers that have not left yet. */
  get queuedBytes(): number {
    let bytes = 0;
    for (const { connection } of this.#guests) bytes += connection.queuedBytes;
    return bytes;
  }

  /** A service is given back: who spoke to it here asks the daemon again. */
  leave(service: string): void {
    this.#announced.delete(service);
    for (const guest of this.#guests) {
      if (guest.service === service) guest.connection.close();
    }
  }

  /** Ends all connections, after what is queued. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { connection, line } of this.#guests) {
      line?.writer.flush();
      connection.close();
    }
    const listener = await this.#listener?.catch(() => undefined);
    await listener?.close();
  }
}
