/**
 * What a caller sends to a command: its stdin, under credit for what the command has taken, and the
 * size of its terminal. It may come before the command runs.
 */
import type { Answering } from '../endpoint/answering.ts';
import type { Child } from '../ports/spawner.ts';
import { Channel, parseWindow } from '../protocol/exec.ts';
import { unpack } from '../protocol/pack.ts';

export class ExecInput {
  readonly #exchange: Answering;
  #child: Child | undefined;
  /** Bytes of stdin that the command has not taken yet, to be granted when it has. */
  #bytes = 0;
  /** Stdin that came before it was started; null is its end. The window bounds it. */
  #early: (Buffer | null)[] = [];

  constructor(exchange: Answering, hasStdin: boolean) {
    this.#exchange = exchange;
    exchange.onData = (channel, bytes) => this.#take(channel, bytes);
    exchange.onEnd = (channel) => {
      if (channel === Channel.STDIN) this.#pass(null);
    };
    if (!hasStdin) this.#pass(null);
  }

  /** The command runs. */
  begin(child: Child): void {
    this.#child = child;
    for (const bytes of this.#early.splice(0)) this.#pass(bytes);
  }

  /** The command takes more. */
  grant(): void {
    this.#exchange.grant(this.#bytes);
    this.#bytes = 0;
  }

  #take(channel: number, bytes: Buffer): void {
    if (channel === Channel.STDIN) {
      this.#bytes += bytes.length;
      return this.#pass(bytes);
    }
    const window = channel === Channel.WINDOW ? parseWindow(unpack(bytes)) : undefined;
    if (window !== undefined) this.#child?.resize?.(window);
    this.#exchange.grant(bytes.length);
  }

  /** A piece of stdin, or its end. */
  #pass(bytes: Buffer | null): void {
    if (this.#child === undefined) this.#early.push(bytes);
    else if (bytes === null) this.#child.endStdin();
    else if (this.#child.writeStdin(bytes)) this.grant();
  }
}
