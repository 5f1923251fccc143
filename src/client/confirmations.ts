/** What a program asks of its daemon itself, each with a number, and what the daemon answers. */
import type { Connection } from '../ports/transport.ts';
import { type DagentError, errorFromData } from '../protocol/errors.ts';
import { At, encodeFrame, headOf, Kind } from '../protocol/frame.ts';
import { pack, unpackMap } from '../protocol/pack.ts';

type Settle = (error: DagentError | undefined) => void;

export class Confirmations {
  readonly #connection: Connection;
  readonly #asked = new Map<number, Settle>();
  /** Who waits for the daemon to have read what was sent, in their order. */
  #waiting: Settle[] = [];
  #number = 0;
  #lost: DagentError | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async #settled(begin: (settle: Settle) => void): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost;
    const error = await new Promise<DagentError | undefined>(begin);
    if (error !== undefined) throw error;
  }

  /**
   * Settles when the daemon has done it; throws why it does not. `then` is called before anything
   * is read that comes behind its word.
   */
  ask(kind: Kind, head: object, then: () => void): Promise<void> {
    return this.#settled((settle) => {
      const number = ++this.#number;
      this.#asked.set(number, (error) => {
        if (error === undefined) then();
        settle(error);
      });
      this.#connection.write(encodeFrame({ kind, number }, pack(head)));
    });
  }

  /** Settles when the daemon has read all that was written before. */
  read(): Promise<void> {
    return this.#settled((settle) => {
      this.#waiting.push(settle);
      this.#connection.write(encodeFrame({ kind: Kind.PING }));
    });
  }

  /** Takes a REGISTERED or a PONG. */
  handle(frame: Buffer): void {
    if (frame[At.KIND] === Kind.PONG) {
      this.#waiting.shift()?.(undefined);
      return;
    }
    const number = frame.readUInt32BE(At.NUMBER);
    const { error } = unpackMap(headOf(frame));
    this.#asked.get(number)?.(error === undefined ? undefined : errorFromData(error));
    this.#asked.delete(number);
  }

  /** The connection is lost: nothing is answered any more. */
  fail(error: DagentError): void {
    this.#lost = error;
    for (const settle of [...this.#asked.values(), ...this.#waiting]) settle(error);
    this.#asked.clear();
    this.#waiting = [];
  }
}
