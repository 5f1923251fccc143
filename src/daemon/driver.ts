/**
 * Drives a router with real connections and a real clock: feeds it what happens, carries out what
 * it says. The only switch over the router's outputs in the daemon.
 *
 * Back-pressure: a connection whose queue grows past QUEUE_HIGH_BYTES pauses the local programs
 * that feed it; past QUEUE_DROP_BYTES the router drops messages to it; past QUEUE_CLOSE_BYTES it is
 * closed.
 */
import { assertNever } from '../base/assert.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connection, Resolve, Transport } from '../ports/transport.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import {
  DIAL_MS_MAX,
  QUEUE_CLOSE_BYTES,
  QUEUE_DROP_BYTES,
  QUEUE_HIGH_BYTES,
  STOP_GRACE_MS,
} from '../protocol/limits.ts';
import type { DiallerId } from '../router/dialler.ts';
import {
  BUILTIN_LINK,
  type LinkId,
  type RouterEvent,
  type RouterInput,
  type RouterOutput,
  type Tapped,
} from '../router/io.ts';
import { step } from '../router/router.ts';
import type { Router } from '../router/state.ts';
import { Wakeup } from '../services/wakeup.ts';
import type { TrafficTotals } from './own-figures.ts';

/**
 * Bytes that are read between two collections of young objects. What is read lies outside of V8's
 * heap, and next to nothing inside it stands for much there: V8 counts it, but instead of looking
 * for what is young and dead it marks the whole heap, again and again, as soon as 8 MiB have come.
 */
export const COLLECT_BYTES = 4_194_304;

export interface DriverComponents {
  readonly router: Router;
  readonly transport: Transport;
  readonly resolve: Resolve;
  readonly clock: Clock;
  /** Takes whole frames for the node's own service. */
  deliver(run: Buffer): void;
  onEvent(event: RouterEvent): void;
  /** Frees what was read and is not needed any more. */
  collectYoung(): void;
  /** Takes an envelope that passed, while the router was told to show them. */
  onTapped(tapped: Tapped): void;
}

/** Bytes that went over a link, both ways. */
export interface Traffic {
  readonly sentBytes: number;
  readonly heardBytes: number;
}

interface Peer {
  readonly connection: Connection;
  sentBytes: number;
  heardBytes: number;
  isCongested: boolean;
  /** Links that are paused until this one has drained. */
  readonly paused: Set<LinkId>;
  /** Links that must drain before this one is read again. */
  readonly pausedBy: Set<LinkId>;
  /** Ends the wait for what is queued to go out before it is closed. */
  stopClosing: (() => void) | undefined;
}

export class Driver {
  readonly #components: DriverComponents;
  readonly #peers = new Map<LinkId, Peer>();
  readonly #inbox: RouterInput[] = [];
  #heardBytes = 0;
  /** Heard since the last collection. */
  #uncollectedBytes = 0;
  #sentBytes = 0;
  #nextLink = BUILTIN_LINK + 1;
  #isStepping = false;
  #isClosed = false;
  readonly #wakeup: Wakeup;

  constructor(components: DriverComponents) {
    this.#components = components;
    this.#wakeup = new Wakeup(components.clock, () => this.input({ kind: 'tick' }));
  }

  /**
   * Feeds one input; what it causes is done when this returns, unless it was called from within.
   */
  input(input: RouterInput): void {
    this.#inbox.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    const { router, clock } = this.#components;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      const from = next.kind === 'bytes' ? next.link : BUILTIN_LINK;
      for (const output of step(router, next, clock.monotonicMs())) this.#perform(output, from);
    }
    this.#isStepping = false;
  }

  /** Takes a connection that a listener accepted. */
  accept(connection: Connection): void {
    if (this.#isClosed) return connection.abort('the daemon is stopping');
    const link = this.#nextLink++;
    const peer = this.#add(link, connection);
    this.input({ kind: 'accepted', link });
    this.#attach(link, peer);
  }

  #add(link: LinkId, connection: Connection): Peer {
    const sets = { paused: new Set<LinkId>(), pausedBy: new Set<LinkId>() };
    const counts = { sentBytes: 0, heardBytes: 0 };
    const state = { isCongested: false, stopClosing: undefined };
    const peer = { connection, ...counts, ...sets, ...state };
    this.#peers.set(link, peer);
    return peer;
  }

  #attach(link: LinkId, peer: Peer): void {
    peer.connection.attach({
      onBytes: (bytes) => this.#hear(link, peer, bytes),
      onClose: (reason) => this.#closed(link, reason),
      onDrain: () => this.#drained(link),
    });
  }

  #hear(link: LinkId, peer: Peer, bytes: Buffer): void {
    peer.heardBytes += bytes.length;
    this.#heardBytes += bytes.length;
    this.input({ kind: 'bytes', link, bytes });
    this.#uncollectedBytes += bytes.length;
    if (this.#uncollectedBytes < COLLECT_BYTES) return;
    this.#uncollectedBytes = 0;
    this.#components.collectYoung();
  }

  /** What has gone over a link so far. */
  traffic(link: LinkId): Traffic {
    return this.#peers.get(link) ?? { sentBytes: 0, heardBytes: 0 };
  }

  /** What has gone over all links so far, those that are closed too, and what waits to go. */
  totals(): TrafficTotals {
    let queuedBytes = 0;
    for (const { connection } of this.#peers.values()) queuedBytes += connection.queuedBytes;
    return { heardBytes: this.#heardBytes, sentBytes: this.#sentBytes, queuedBytes };
  }

  #closed(link: LinkId, reason: string): void {
    const peer = this.#peers.get(link);
    // Whatever was queued is lost, so nothing is left to wait for.
    if (peer !== undefined) this.#resumeSources(link, peer);
    peer?.stopClosing?.();
    this.#peers.delete(link);
    this.input({ kind: 'closed', link, reason });
  }

  #perform(output: RouterOutput, from: LinkId): void {
    switch (output.kind) {
      case 'send':
        return this.#send(output.link, output.bytes, from);
      case 'copy':
        return this.#send(output.link, output.bytes, BUILTIN_LINK);
      case 'close':
        return this.#close(output.link);
      case 'dial':
        return this.#dial(output.dialler, output.url);
      case 'wake':
        return this.#wakeup.at(output.atMs);
      case 'event':
        return this.#components.onEvent(output.event);
      case 'tapped':
        return this.#components.onTapped(output.tapped);
      default:
        return assertNever(output);
    }
  }

  #send(link: LinkId, bytes: Buffer, from: LinkId): void {
    if (link === BUILTIN_LINK) return this.#components.deliver(bytes);
    const peer = this.#peers.get(link);
    if (peer === undefined) return;
    peer.connection.write(bytes);
    peer.sentBytes += bytes.length;
    this.#sentBytes += bytes.length;
    const { queuedBytes } = peer.connection;
    if (queuedBytes < QUEUE_HIGH_BYTES) return;
    this.#slowDown(link, peer, from);
    if (queuedBytes > QUEUE_DROP_BYTES && !peer.isCongested) {
      peer.isCongested = true;
      this.input({ kind: 'congested', link, isCongested: true });
    }
    if (queuedBytes > QUEUE_CLOSE_BYTES) {
      const values = { bytes: queuedBytes, max: QUEUE_CLOSE_BYTES };
      peer.connection.abort(new DagentError('E_SLOW_PEER', values).message);
    }
  }

  /**
   * Only programs of this host are paused: on a link between nodes it would stop everybody else's
   * traffic.
   */
  #slowDown(link: LinkId, peer: Peer, from: LinkId): void {
    const source = this.#peers.get(from);
    const isProgram = this.#components.router.links.get(from)?.role === 'client';
    if (source === undefined || !isProgram || from === link || peer.paused.has(from)) return;
    peer.paused.add(from);
    source.pausedBy.add(link);
    source.connection.setPaused(true);
  }

  #resumeSources(link: LinkId, peer: Peer): void {
    for (const from of peer.paused) {
      const source = this.#peers.get(from);
      source?.pausedBy.delete(link);
      if (source?.pausedBy.size === 0) source.connection.setPaused(false);
    }
    peer.paused.clear();
  }

  /** Closes once what is queued has gone out; who does not read it has STOP_GRACE_MS. */
  #close(link: LinkId): void {
    const peer = this.#peers.get(link);
    if (peer === undefined || peer.stopClosing !== undefined) return;
    const abort = (): void => peer.connection.abort('the other side did not read the goodbye');
    peer.stopClosing = this.#components.clock.after(STOP_GRACE_MS, abort);
    peer.connection.close();
  }

  #drained(link: LinkId): void {
    const peer = this.#peers.get(link);
    if (peer === undefined) return;
    this.#resumeSources(link, peer);
    if (!peer.isCongested) return;
    peer.isCongested = false;
    this.input({ kind: 'congested', link, isCongested: false });
  }

  #dial(dialler: DiallerId, url: string): void {
    this.#connect(url).then(
      (found) => this.#dialled(dialler, found),
      (thrown: unknown) =>
        this.input({ kind: 'dialFailed', dialler, error: toErrorData(thrown, url) }),
    );
  }

  /**
   * The connection; or, of a name, what it stands for: the router tries one address after the
   * other, each with a time of its own.
   */
  async #connect(url: string): Promise<Connection | readonly string[]> {
    const { resolve, transport } = this.#components;
    const urls = await resolve(url, DIAL_MS_MAX);
    return urls.length === 1 && urls[0] === url ? transport.dial(url, DIAL_MS_MAX) : urls;
  }

  #dialled(dialler: DiallerId, found: Connection | readonly string[]): void {
    if (!('attach' in found)) return this.input({ kind: 'resolved', dialler, urls: found });
    if (this.#isClosed) return found.abort('the daemon is stopping');
    const link = this.#nextLink++;
    const peer = this.#add(link, found);
    this.input({ kind: 'dialled', dialler, link });
    this.#attach(link, peer);
  }

  /** Begins: the router dials its parents. */
  start(): void {
    this.input({ kind: 'tick' });
  }

  /**
   * Says goodbye and closes every connection once what is queued has gone out, within `graceMs`.
   */
  async stop(graceMs: number): Promise<void> {
    this.input({ kind: 'leave' });
    this.#isClosed = true;
    this.#wakeup.stop();
    const { clock } = this.#components;
    const deadlineAtMs = clock.monotonicMs() + graceMs;
    while (this.#peers.size > 0 && clock.monotonicMs() < deadlineAtMs) {
      await new Promise<void>((resolve) => clock.after(5, resolve));
    }
    for (const { connection } of this.#peers.values()) connection.abort('the daemon stopped');
  }
}

function toErrorData(thrown: unknown, url: string): ErrorData {
  if (thrown instanceof DagentError) return thrown.toData();
  return new DagentError('E_CONNECT', { url, reason: String(thrown) }).toData();
}
