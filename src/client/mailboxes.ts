/** The mailboxes and outboxes of nodes, as a client asks for them. */
import { DagentError } from '../protocol/errors.ts';
import type { Client } from './client.ts';

/** A box that has something or somebody. */
export interface BoxRecord {
  readonly box: string;
  readonly kind: 'mailbox' | 'outbox';
  /** The node that it is for; null of an outbox while no node has the service. */
  readonly node: string | null;
  readonly count: number;
  readonly bytes: number;
  readonly dead: number;
  readonly deadBytes: number;
  /** Those of `count` that receivers are at work on. */
  readonly leased: number;
  readonly receivers: number;
  /** Why what is in an outbox does not go on. */
  readonly error: string | null;
  readonly oldestAtMs: number | null;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The box in a decoded value, or undefined when it is none. */
export function parseBoxRecord(value: unknown): BoxRecord | undefined {
  const fields = (value ?? {}) as Readonly<Record<keyof BoxRecord, unknown>>;
  const { box, kind, count, bytes, dead, deadBytes, leased, receivers, oldestAtMs } = fields;
  if (typeof box !== 'string' || (kind !== 'mailbox' && kind !== 'outbox')) return undefined;
  if (!isAmount(count) || !isAmount(bytes) || !isAmount(dead)) return undefined;
  if (!isAmount(leased) || !isAmount(receivers)) return undefined;
  return {
    box,
    kind,
    node: textOrNull(fields.node),
    count,
    bytes,
    dead,
    deadBytes: isAmount(deadBytes) ? deadBytes : 0,
    leased,
    receivers,
    error: textOrNull(fields.error),
    oldestAtMs: isAmount(oldestAtMs) ? oldestAtMs : null,
  };
}

/** The boxes of a node: all, or the one of a name. Throws as `Client.call`, E_NOT_UNDERSTOOD. */
export async function listBoxes(
  client: Client,
  node: string,
  { box, timeoutMs }: { readonly box?: string; readonly timeoutMs?: number } = {},
): Promise<readonly BoxRecord[]> {
  const args = box === undefined ? [] : [box];
  const value = await client.call(`${node}:`, 'mailbox.ls', args, { timeoutMs });
  const boxes = Array.isArray(value) ? value.map(parseBoxRecord) : [undefined];
  const known = boxes.filter((each) => each !== undefined);
  if (known.length === boxes.length) return known;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: `${node}:`, command: 'mailbox.ls' });
}

/** What happens to what is in it. */
export function describeBox({ kind, node, count, error, receivers }: BoxRecord): string {
  if (kind === 'mailbox') return receivers > 0 ? 'received' : 'nobody receives';
  if (count === 0) return 'nothing waits';
  if (node === null) return 'no node has it yet';
  return error ?? 'on its way';
}
