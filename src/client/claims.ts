/**
 * What a program holds at its daemon: names of services, and patterns of topics. Each is claimed
 * anew at each connection, and until it is granted: who has had it before the connection broke is
 * still to have it.
 */
import type { Random } from '../base/random.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { ServiceHandlers } from '../endpoint/endpoint.ts';
import { parseAddress } from '../protocol/address.ts';
import type { DagentError } from '../protocol/errors.ts';
import { encodeFrame, Kind } from '../protocol/frame.ts';
import { pack } from '../protocol/pack.ts';
import { abortable } from './abort.ts';
import type { Link } from './link.ts';
import { drawRejoinMs } from './standing.ts';

export interface Claim {
  readonly what: 'service' | 'pattern';
  readonly name: string;
  /** Called each time it is granted, before anything is read that comes behind that word. */
  onGranted(link: Link): void;
  /** Called when the program drains: no request is taken any more. */
  onDraining?(link: Link): void;
}

/** A name of a service: what comes to it goes to `handlers`. */
export function claimOf(service: string, handlers: ServiceHandlers): Claim {
  const onRequest = (exchange: Answering): void => {
    const node = parseAddress(exchange.request.to)?.node ?? '';
    exchange.reject({ code: 'E_NO_SERVICE', values: { node, service } });
  };
  return {
    what: 'service',
    name: service,
    // Only then, and at once: who has the name already keeps what comes to it, and what comes right
    // behind the word of the daemon finds us.
    onGranted: ({ endpoint }) => endpoint.handle(service, handlers),
    onDraining: ({ endpoint }) => endpoint.handle(service, { ...handlers, onRequest }),
  };
}

export interface ClaimsOptions {
  readonly random: Random;
  /** The connection that stands, or the next one. Throws why there will be none. */
  up(): Promise<Link>;
  /** Called when one that was held is not granted again; that is tried on. */
  onRefused(claim: Claim, error: DagentError): void;
}

function keyOf({ what, name }: Pick<Claim, 'what' | 'name'>): string {
  return `${what} ${name}`;
}

function askFor(link: Link, { what, name }: Claim, then: () => void): Promise<void> {
  const { confirmations } = link;
  if (what === 'service') return confirmations.ask(Kind.REGISTER, { service: name }, then);
  return confirmations.ask(Kind.SUBSCRIBE, { pattern: name }, then);
}

function giveBack(link: Link, { what, name }: Pick<Claim, 'what' | 'name'>): void {
  if (link.lost !== undefined) return;
  if (what === 'service') {
    link.write(encodeFrame({ kind: Kind.UNREGISTER }, pack({ service: name })));
  } else {
    link.write(encodeFrame({ kind: Kind.UNSUBSCRIBE }, pack({ pattern: name })));
  }
}

export class Claims {
  readonly #options: ClaimsOptions;
  readonly #held = new Map<string, Claim>();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /**
   * Settles when it is granted, by this connection or by a later one. Throws why it is not, why
   * there is no connection any more, and the reason of the signal: then it is not claimed.
   */
  make(claim: Claim, signal?: AbortSignal): Promise<void> {
    let isUnwanted = false;
    const then = (link: Link): void => {
      if (isUnwanted) return giveBack(link, claim);
      this.#held.set(keyOf(claim), claim);
      claim.onGranted(link);
    };
    return abortable(this.#claim(claim, then), signal, () => {
      isUnwanted = true;
    });
  }

  async #claim(claim: Claim, then: (link: Link) => void): Promise<void> {
    for (;;) {
      const link = await this.#options.up();
      try {
        return await askFor(link, claim, () => then(link));
      } catch (error) {
        // It was not refused: the connection broke.
        if (error !== link.lost) throw error;
      }
    }
  }

  /** It is wanted no more. */
  release(what: Claim['what'], name: string, link: Link): void {
    this.#held.delete(keyOf({ what, name }));
    giveBack(link, { what, name });
  }

  /** The program drains: what is held is still held, and no request is taken any more. */
  drain(link: Link): void {
    for (const claim of this.#held.values()) claim.onDraining?.(link);
  }

  /** Nothing is wanted any more. */
  releaseAll(link: Link): void {
    for (const { what, name } of [...this.#held.values()]) this.release(what, name, link);
  }

  /** Claims all anew. Settles when each has been answered for the first time. */
  async resume(link: Link): Promise<void> {
    await Promise.all([...this.#held.values()].map((claim) => this.#resume(link, claim, 0)));
  }

  async #resume(link: Link, claim: Claim, attempt: number): Promise<void> {
    const isHeld = (): boolean => this.#held.get(keyOf(claim)) === claim;
    if (!isHeld() || link.lost !== undefined) return;
    const then = (): void => {
      if (isHeld()) claim.onGranted(link);
      else giveBack(link, claim);
    };
    try {
      await askFor(link, claim, then);
    } catch (error) {
      if (link.lost !== undefined) return;
      if (attempt === 0) this.#options.onRefused(claim, error as DagentError);
      const waitMs = drawRejoinMs(this.#options.random, attempt);
      // What waits does not keep the program alive: its connection does.
      setTimeout(() => void this.#resume(link, claim, attempt + 1), waitMs).unref();
    }
  }
}
