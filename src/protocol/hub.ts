/** The hub as programs see it: places as text, and what it tells of its entries. */
import { isNodeName } from './address.ts';

/** An entry of a hub: a node of the tree (port 0), or a program at an address and a port. */
export interface HubRecord {
  /** From 1 on. */
  readonly id: number;
  readonly address: string;
  readonly port: number;
  /** Connections that it can still take: 0 not available, -1 zombie. */
  readonly status: number;
  /** Places of it that leases hold. */
  readonly leased: number;
}

/** Places that were reserved. */
export interface HubReservation {
  /** '' when they are taken for good. */
  readonly lease: string;
  readonly expiresAtMs: number;
  readonly nodes: readonly HubRecord[];
}

/** A reservation that stands. */
export interface HubLease {
  readonly lease: string;
  /** `node:service` of who has it. */
  readonly holder: string;
  readonly expiresAtMs: number;
  readonly ids: readonly number[];
}

export type HubPlace = Pick<HubRecord, 'address' | 'port'>;

const PROGRAM = /^(?:\[([0-9A-Fa-f:.%]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

/** `web1` of a node, `192.0.2.7:8080` of a program. */
export function formatPlace({ address, port }: HubPlace): string {
  if (port === 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The place that a text means; undefined when it means none. */
export function parsePlace(text: string): HubPlace | undefined {
  if (isNodeName(text)) return { address: text, port: 0 };
  const [, v6, host, digits] = PROGRAM.exec(text) ?? [];
  const address = v6 ?? host;
  const port = Number(digits);
  return address !== undefined && port > 0 && port <= PORT_MAX ? { address, port } : undefined;
}

/** A record that came from a node; undefined when it is none. */
export function parseHubRecord(value: unknown): HubRecord | undefined {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  const { id, address, port, status, leased } = fields;
  const numbers = [id, port, status, leased];
  if (typeof address !== 'string' || !numbers.every(Number.isSafeInteger)) return undefined;
  return { id, address, port, status, leased } as HubRecord;
}

/** A lease that came from a node; undefined when it is none. */
export function parseHubLease(value: unknown): HubLease | undefined {
  const { lease, holder, expiresAtMs, ids } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof lease !== 'string' || typeof holder !== 'string') return undefined;
  if (typeof expiresAtMs !== 'number' || !Array.isArray(ids)) return undefined;
  return ids.every(Number.isSafeInteger) ? { lease, holder, expiresAtMs, ids } : undefined;
}
