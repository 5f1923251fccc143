/** Messages whose sender wants to know what becomes of them. */

import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Outgoing } from '../endpoint/outgoing.ts';
import { DagentError } from '../protocol/errors.ts';
import { Flag, TIMEOUT_EXACT_MS_MAX } from '../protocol/frame.ts';
import { abortable } from './abort.ts';
import type { CacheOption, DeliverOptions } from './options.ts';
import { checkTimeout } from './requesting.ts';

/** What became of a message: its receiver has it, or a node keeps it for that long. */
export type Delivery = { readonly state: 'delivered' } | Cached;

/** A node keeps it. */
interface Cached {
  readonly state: 'cached';
  readonly node: string;
  readonly ms: number;
}

/** What a message says of being kept. */
export function keepingOf(cache: CacheOption | undefined): {
  readonly flags?: number;
  readonly timeoutMs?: number;
  readonly ttlMs?: number;
} {
  if (cache === undefined) return {};
  if (cache === 'no') return { flags: Flag.NO_CACHE };
  const { ttlMs } = cache;
  return ttlMs > TIMEOUT_EXACT_MS_MAX ? { timeoutMs: ttlMs, ttlMs } : { timeoutMs: ttlMs };
}

/** The word of a node that keeps a message. */
function readCached(value: unknown): Cached | undefined {
  const { state, node, ms } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (state !== 'cached' || typeof node !== 'string' || typeof ms !== 'number') return undefined;
  return { state, node, ms };
}

/** Calls `give` after a while, if one is given; returns how to stop that. */
function giveUpAfter(ms: number | undefined, give: (ms: number) => void): () => void {
  if (ms === undefined) return () => undefined;
  const timer = setTimeout(() => give(ms), ms);
  return () => clearTimeout(timer);
}

/**
 * Sends a message and settles once its receiver, or who keeps it, has it. Throws what became of it
 * otherwise; when `timeoutMs` is over, E_KEPT where it is kept and may arrive yet, and E_DEADLINE;
 * and the reason of the signal.
 */
export async function deliver(
  endpoint: Endpoint,
  out: Outgoing,
  options: Pick<DeliverOptions, 'cache' | 'report' | 'timeoutMs' | 'signal' | 'onOutcome'>,
): Promise<Delivery> {
  const { cache, report = 'kept', timeoutMs, signal, onOutcome } = options;
  signal?.throwIfAborted();
  checkTimeout(timeoutMs);
  const asking = endpoint.sendReported({ ...out, ...keepingOf(cache) });
  const { to } = out;
  let keeper: string | undefined;
  const stop = giveUpAfter(timeoutMs, (ms) => {
    const values = { to, ms };
    asking.fail(
      keeper === undefined
        ? new DagentError('E_DEADLINE', values)
        : new DagentError('E_KEPT', { ...values, node: keeper }),
    );
  });
  const delivered = new Promise<Delivery>((resolve, reject) => {
    let isKept = false;
    asking.whenOver(
      () => {
        stop();
        if (isKept) onOutcome?.(undefined);
        else resolve({ state: 'delivered' });
      },
      (error) => {
        stop();
        if (isKept) onOutcome?.(error);
        else reject(error);
      },
    );
    asking.onProgress = (value) => {
      const cached = readCached(value);
      keeper = cached?.node;
      if (cached === undefined || report !== 'kept') return;
      isKept = true;
      stop();
      resolve(cached);
    };
  });
  return abortable(delivered, signal, stop);
}
