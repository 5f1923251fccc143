/** Messages whose sender wants to know what becomes of them. */

import type { Asking } from '../endpoint/asking.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Outgoing } from '../endpoint/outgoing.ts';
import { DagentError } from '../protocol/errors.ts';
import { Flag, TIMEOUT_EXACT_MS_MAX } from '../protocol/frame.ts';
import { abortable } from './abort.ts';
import type { CacheOption, DeliverOptions } from './options.ts';
import { checkTimeout } from './requesting.ts';

/** What became of a message: its receiver has it, or a node keeps it for that long. */
export type Delivery =
  | { readonly state: 'delivered' }
  | { readonly state: 'cached'; readonly node: string; readonly ms: number };

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
function readCached(value: unknown): Delivery | undefined {
  const { state, node, ms } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (state !== 'cached' || typeof node !== 'string' || typeof ms !== 'number') return undefined;
  return { state, node, ms };
}

/** Gives up after a while; returns how to stop that. */
function failAfter(asking: Asking, to: string, ms: number | undefined): () => void {
  if (ms === undefined) return () => undefined;
  const timer = setTimeout(() => asking.fail(new DagentError('E_DEADLINE', { to, ms })), ms);
  return () => clearTimeout(timer);
}

/**
 * Sends a message and settles once its receiver, or who keeps it, has it. Throws what became of it
 * otherwise; E_DEADLINE when there is no word within `timeoutMs`, and the reason of the signal.
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
  const stop = failAfter(asking, out.to, timeoutMs);
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
      if (cached === undefined || report !== 'kept') return;
      isKept = true;
      stop();
      resolve(cached);
    };
  });
  return abortable(delivered, signal, stop);
}
