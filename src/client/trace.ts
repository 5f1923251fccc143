/** Following one request through the tree: which nodes it passes, and what becomes of it. */
import { formatAddress, parseAddress } from '../protocol/address.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { Flag } from '../protocol/frame.ts';
import { parseTraced, type Traced } from '../protocol/traced.ts';
import type { Client } from './client.ts';
import { type DirectTalker, listTalkers } from './direct-list.ts';

export interface TracedHop extends Traced {
  /** From sending the request to hearing of this hop, by our own clock. */
  readonly ms: number;
}

/** How a traced request ended. */
export interface TraceEnd {
  /** `dry`: it would have been delivered; `lost`: nobody says what became of it. */
  readonly outcome: 'delivered' | 'dry' | 'rejected' | 'lost';
  /** Why it was not delivered, or what the receiver answered instead of a reply. */
  readonly error: DagentError | null;
  /** From sending it to its outcome. */
  readonly ms: number;
  /**
   * Who talks to the receiver past the daemons, which no trace can follow; null when nobody can
   * say, or it was not delivered.
   */
  readonly direct: readonly DirectTalker[] | null;
}

export interface TraceOptions {
  /** Do not deliver it: only the way is of interest. */
  readonly isDry: boolean;
  readonly timeoutMs?: number | undefined;
  /** What the receiver is asked; `PING` when absent. */
  readonly command?: string | undefined;
  /** A clock in milliseconds that never goes back. */
  nowMs(): number;
}

type Talkers = TraceEnd['direct'];

function judge(error: DagentError, last: Traced | undefined): TraceEnd['outcome'] {
  if (last?.fate === 'delivered') return 'delivered';
  const isSilent = error.code === 'E_DEADLINE' || error.code === 'E_LOST';
  return isSilent ? 'lost' : 'rejected';
}

/** Asks the receiver itself: where only a service is named, the one that was chosen. */
function whoIsDirect(client: Client, to: string, last: Traced | undefined): Promise<Talkers> {
  const address = parseAddress(to);
  if (last?.fate !== 'delivered' || address === undefined) return Promise.resolve(null);
  const { service } = address;
  return listTalkers(client, formatAddress({ node: address.node || last.node, service }));
}

/**
 * Sends a traced request to an address and hands over each hop as it is heard of, in the order in
 * which the request passed them. Throws E_ADDRESS_INVALID; all else is in the end.
 */
export async function traceRoute(
  client: Client,
  to: string,
  options: TraceOptions,
  onHop: (hop: TracedHop) => void,
): Promise<TraceEnd> {
  const { isDry, timeoutMs, command = 'PING' } = options;
  const startedAtMs = options.nowMs();
  const elapsed = (): number => Number((options.nowMs() - startedAtMs).toFixed(3));
  const flags = Flag.TRACE | (isDry ? Flag.DRY : 0);
  const asking = client.open({ to, command, timeoutMs, flags });
  let last: Traced | undefined;
  asking.onTraced = (head) => {
    const traced = parseTraced(head);
    if (traced === undefined) return;
    last = traced;
    onHop({ ...traced, ms: elapsed() });
  };
  const conclude = async (error: DagentError | null): Promise<TraceEnd> => {
    const delivered = isDry ? 'dry' : 'delivered';
    const outcome = error === null ? delivered : judge(error, last);
    const ms = elapsed();
    return { outcome, error, ms, direct: await whoIsDirect(client, to, last) };
  };
  try {
    await asking.outcome;
  } catch (error) {
    if (error instanceof DagentError) return conclude(error);
    throw error;
  }
  return conclude(null);
}

/** The record of a hop, for `--json`. */
export function toHopRecord(hop: TracedHop): Record<string, unknown> {
  return { type: 'hop', ...hop };
}

/** The last record of a trace. */
export function toEndRecord(to: string, end: TraceEnd, hops: number): Record<string, unknown> {
  const error: ErrorData | null = end.error?.toData() ?? null;
  const { outcome, ms, direct } = end;
  return { type: 'end', to, outcome, hops, ms, error, direct };
}
