/**
 * Direct connections that this program opens to services of its node. A lane changes over without a
 * message overtaking another: behind all that went through the daemon goes a request that the other
 * library answers itself, and what is sent meanwhile is held until the answer is here.
 */
import { directPath } from '../adapters/direct-socket.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Lane } from '../endpoint/lane.ts';
import type { Line } from '../endpoint/line.ts';
import type { Connection } from '../ports/transport.ts';
import { formatAddress, parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { At, Kind } from '../protocol/frame.ts';
import {
  DIRECT_CONNECTIONS_MAX,
  DIRECT_RETRY_MS,
  DIRECT_WITHIN_MS,
  HANDSHAKE_MS_MAX,
} from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import type { DirectComponents } from './direct-host.ts';
import { type Greeting, greet } from './greeting.ts';

/** What libraries say to each other through the daemon: give me a connection; I begin to use it. */
export const DIRECT_OPEN = '~direct.open';
export const DIRECT_BEGIN = '~direct.begin';

/** How exactly deadlines of requests by direct connections are kept, in milliseconds. */
const SWEEP_MS = 50;

/** A connection that there is, or will be, for lanes to one service. */
interface Direct {
  /** However the service is written: with its node, and without. */
  readonly lanes: readonly Lane[];
  connection: Connection | undefined;
  line: Line | undefined;
  /** What waits for the other side to have read all that went through the daemon. */
  held: Buffer[] | undefined;
  heldBytes: number;
}

function readWelcome(frame: Buffer): object | DagentError {
  return frame[At.KIND] === Kind.WELCOME ? {} : new DagentError('E_NOT_OURS');
}

export class DirectCaller {
  readonly #components: DirectComponents;
  readonly #endpoint: Endpoint;
  readonly #all = new Set<Direct>();
  #stopSweep: (() => void) | undefined;
  #isClosed = false;

  constructor(components: DirectComponents) {
    this.#components = components;
    this.#endpoint = components.endpoint;
  }

  /** A lane has sent DIRECT_AFTER_COUNT: if that was soon, it gets a connection. */
  consider(lane: Lane): void {
    const nowMs = this.#components.clock.monotonicMs();
    const idleMs = nowMs - lane.sinceMs;
    lane.count = 0;
    // One that was given up a moment ago is to be left alone for a while.
    if (idleMs < 0 || lane.isPinned || this.#isClosed) return;
    lane.sinceMs = nowMs;
    if (idleMs > DIRECT_WITHIN_MS || !this.#components.isHere(lane.to)) return;
    if (this.#all.size < DIRECT_CONNECTIONS_MAX) void this.#open(lane);
  }

  /** Connections that are in use. */
  get count(): number {
    return [...this.#all].filter(({ line, held }) => line !== undefined && held === undefined)
      .length;
  }

  /** Bytes that have not left yet. */
  queuedBytes(): number {
    let bytes = 0;
    for (const { line } of this.#all) bytes += line?.queuedBytes() ?? 0;
    return bytes;
  }

  flush(): void {
    for (const { line } of this.#all) line?.writer.flush();
  }

  async #open(lane: Lane): Promise<void> {
    const direct: Direct = {
      lanes: this.#lanesLike(lane),
      connection: undefined,
      line: undefined,
      held: undefined,
      heldBytes: 0,
    };
    for (const each of direct.lanes) each.isPinned = true;
    this.#all.add(direct);
    try {
      const greeting = await this.#connect(lane);
      if (this.#isClosed) return greeting.connection.abort('this program ends');
      this.#hold(direct, greeting);
      await this.#ask(lane, DIRECT_BEGIN);
      this.#begin(direct);
    } catch {
      // Refused, or too late: the daemon carries it as before.
      this.#giveUp(direct);
    }
  }

  /** It, and the one to the same service by its other address: at its node it is the nearest. */
  #lanesLike(lane: Lane): readonly Lane[] {
    const { node, service } = parseAddress(lane.to) ?? { node: '', service: '~' };
    // An unnamed end has one address only.
    if (service.startsWith('~')) return [lane];
    const other = node === '' ? this.#endpoint.identity.node : '';
    return [lane, this.#endpoint.laneOf(formatAddress({ node: other, service }), lane.from)];
  }

  async #ask(lane: Lane, command: string): Promise<Buffer> {
    const { to, from } = lane;
    const asking = this.#endpoint.request({ to, from, command, timeoutMs: HANDSHAKE_MS_MAX });
    return (await asking.outcome).data;
  }

  async #connect(lane: Lane): Promise<Greeting<object>> {
    const { directory, transport } = this.#components;
    const { name, token } = unpackMap(await this.#ask(lane, DIRECT_OPEN));
    // A name, never a path: what another program says does not leave the directory.
    const path = directPath(directory, name);
    if (path === undefined) throw new DagentError('E_NOT_OURS');
    const connection = await transport.dial(`cd:${path}`, HANDSHAKE_MS_MAX);
    return greet(connection, { as: 'direct', token }, readWelcome, HANDSHAKE_MS_MAX);
  }

  /** From here on what is sent waits. */
  #hold(direct: Direct, greeting: Greeting<object>): void {
    const { clock, onDrain, writeMain } = this.#components;
    const { connection } = greeting;
    const write = (bytes: Buffer, onTaken: () => void): void => {
      if (direct.held !== undefined) {
        direct.held.push(bytes);
        direct.heldBytes += bytes.length;
      } else if (direct.connection !== undefined) {
        direct.connection.write(bytes, onTaken);
      } else {
        writeMain(bytes);
      }
    };
    direct.connection = connection;
    direct.held = [];
    const schedule = (flush: () => void): void => queueMicrotask(flush);
    // Nobody asks anything by a connection that this side has opened.
    const line = this.#endpoint.openDirect({ write, schedule }, () => false);
    line.queuedBytes = () => direct.heldBytes + connection.queuedBytes;
    direct.line = line;
    for (const lane of direct.lanes) lane.line = line;
    greeting.attach({
      onFrames: (run) => this.#endpoint.receive(run, line),
      onClose: () => this.#giveUp(direct),
      onDrain,
    });
    this.#stopSweep ??= clock.every(SWEEP_MS, () => this.#endpoint.expire(clock.monotonicMs()));
  }
  /**
   * The other side has read all that went before: what waits goes by the connection, and all else.
   */
  #begin(direct: Direct): void {
    const { held, connection, line } = direct;
    if (held === undefined) return;
    direct.held = undefined;
    direct.heldBytes = 0;
    for (const bytes of held) connection?.write(bytes);
    line?.writer.flush();
    this.#components.onDrain();
  }

  /** Back to the daemon. What waits goes there; what was in a connection that broke is lost. */
  #giveUp(direct: Direct): void {
    if (!this.#all.delete(direct)) return;
    const { lanes, held, connection, line } = direct;
    for (const lane of lanes) {
      lane.line = this.#endpoint.main;
      lane.isPinned = false;
      lane.count = 0;
      lane.sinceMs = this.#components.clock.monotonicMs() + DIRECT_RETRY_MS;
    }
    if (line !== undefined && held !== undefined) {
      line.writer.flush();
      direct.held = undefined;
      direct.connection = undefined;
      for (const bytes of held) this.#components.writeMain(bytes);
      this.#endpoint.adopt(line);
    } else if (line !== undefined) {
      this.#endpoint.closeDirect(line);
    }
    connection?.abort('it is not used any more');
    this.#components.onDrain();
    if (this.#all.size === 0) this.#endSweep();
  }

  #endSweep(): void {
    this.#stopSweep?.();
    this.#stopSweep = undefined;
  }

  /** Stops, or goes on with, reading answers. */
  setPaused(isPaused: boolean): void {
    for (const { connection } of this.#all) connection?.setPaused(isPaused);
  }

  /** Ends all connections, after what is queued. */
  close(): void {
    this.#isClosed = true;
    this.flush();
    for (const { connection } of this.#all) connection?.close();
    this.#endSweep();
  }
}
