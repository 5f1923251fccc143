/**
 * A program of this node without a process or a socket: it speaks the protocol with the router of
 * its own daemon in memory. What plugins have of services and topics they have by it, so that a
 * name that goes, a caller that waits and a message that must be kept are treated as those of any
 * program.
 */
import type { ServiceHandlers } from '../endpoint/endpoint.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { At, encodeFrame, headOf, Kind, MAGIC } from '../protocol/frame.ts';
import { type Hello, parseWelcome, VERSIONS } from '../protocol/handshake.ts';
import { HOLD_MS_DEFAULT } from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { eachFrame } from '../protocol/splitter.ts';
import type { LocalProgram } from '../services/plugin-driver.ts';

type Settle = (error: DagentError | undefined) => void;

const HELLO: Hello = { as: 'client', ...VERSIONS, holdMs: HOLD_MS_DEFAULT };

class MemoryProgram implements LocalProgram, Connection {
  readonly queuedBytes = 0;
  readonly #node: string;
  readonly #onEvent: (event: Incoming) => void;
  readonly #asked = new Map<number, Settle>();
  #number = 0;
  #daemon: ConnectionHandlers | undefined;
  #endpoint: Endpoint | undefined;

  constructor(node: string, onEvent: (event: Incoming) => void) {
    this.#node = node;
    this.#onEvent = onEvent;
  }

  attach(handlers: ConnectionHandlers): void {
    this.#daemon = handlers;
    handlers.onBytes(Buffer.concat([MAGIC, encodeFrame({ kind: Kind.HELLO }, pack(HELLO))]));
  }

  /** The daemon speaks: whole frames, which are its own again when this returns. */
  write(bytes: Buffer): void {
    eachFrame(Buffer.from(bytes), (frame) => {
      if (this.#endpoint === undefined) this.#welcome(frame);
      else this.#endpoint.receive(frame);
    });
  }

  #welcome(frame: Buffer): void {
    const welcome = frame[At.KIND] === Kind.WELCOME ? parseWelcome(unpackMap(headOf(frame))) : null;
    // It leaves, and takes nobody in any more.
    if (welcome === null || welcome === undefined) return this.close();
    const { endpoint: service, seed } = welcome;
    this.#endpoint = new Endpoint(
      { node: this.#node, service, seed },
      {
        write: (bytes) => this.#daemon?.onBytes(bytes),
        schedule: (flush) => queueMicrotask(flush),
      },
    );
    this.#endpoint.onEvent = this.#onEvent;
    this.#endpoint.onLinkFrame = (each) => this.#handleLinkFrame(each);
  }

  #handleLinkFrame(frame: Buffer): void {
    if (frame[At.KIND] !== Kind.REGISTERED) return;
    const number = frame.readUInt32BE(At.NUMBER);
    const { error } = unpackMap(headOf(frame));
    this.#asked.get(number)?.(error === undefined ? undefined : errorFromData(error));
    this.#asked.delete(number);
  }

  #ask(kind: Kind, head: object, then: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const daemon = this.#daemon;
      if (daemon === undefined) return reject(this.#lost());
      const number = ++this.#number;
      this.#asked.set(number, (error) => {
        if (error !== undefined) return reject(error);
        then();
        resolve();
      });
      daemon.onBytes(encodeFrame({ kind, number }, pack(head)));
    });
  }

  register(service: string, handlers: ServiceHandlers): Promise<void> {
    const then = (): void => this.#endpoint?.handle(service, handlers);
    return this.#ask(Kind.REGISTER, { service }, then);
  }

  unregister(service: string): void {
    // What it was asked by this name it may still answer.
    this.#daemon?.onBytes(encodeFrame({ kind: Kind.UNREGISTER }, pack({ service })));
  }

  subscribe(pattern: string): Promise<void> {
    return this.#ask(Kind.SUBSCRIBE, { pattern }, () => undefined);
  }

  setPaused(): void {
    // Nothing of it waits anywhere: what a plugin does not take is dropped, and counted.
  }

  abort(): void {
    this.close();
  }

  #lost(): DagentError {
    return new DagentError('E_CONNECTION_LOST', { node: this.#node, reason: 'the plugin ended' });
  }

  close(): void {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    const error = this.#lost();
    for (const settle of this.#asked.values()) settle(error);
    this.#asked.clear();
    this.#endpoint?.close(error);
    // Whoever closes it is in the middle of a step, perhaps.
    queueMicrotask(() => daemon.onClose('the plugin ended'));
  }
}

/**
 * Adds a program to the node that `accept` belongs to. Events of the topics that it asks for go to
 * `onEvent`.
 */
export function openLocalProgram(
  node: string,
  accept: (connection: Connection) => void,
  onEvent: (event: Incoming) => void,
): LocalProgram {
  const program = new MemoryProgram(node, onEvent);
  accept(program);
  return program;
}
