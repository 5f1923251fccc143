/** Arguments of the methods of a hub, as they came: anything. */
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { HubPlace } from '../protocol/hub.ts';
import {
  HUB_LEASE_MS_DEFAULT,
  HUB_LEASE_MS_MAX,
  HUB_LEASE_MS_MIN,
  HUB_REQUEST_COUNT_MAX,
  HUB_STATUS_MAX,
} from '../protocol/limits.ts';
import type { HubKey, HubRequest } from './hub.ts';
import { type HubEntry, statusOf } from './hub-state.ts';

/** A name of DNS, or an address of IPv4 or IPv6. */
const ADDRESS = /^[A-Za-z0-9._:%-]{1,255}$/;
const PORT_MAX = 65_535;
const PLACE_LENGTH_MAX = 300;
const LEASE_ID = /^[0-9a-f]{8}$/;

export function invalid(method: string, reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: `hub.${method}`, reason });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function readWithin(value: unknown, min: number, max: number, what: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number;
  }
  const [method = '', name = ''] = what.split(' ');
  throw invalid(method, `${name} is a whole number from ${min} to ${max}, not ${String(value)}`);
}

/** Where somebody is. Throws E_ARGUMENT_INVALID. */
export function readPlace(value: unknown): HubPlace {
  const { address, port = 0 } = fieldsOf(value);
  const place = readWithin(port, 0, PORT_MAX, 'register port');
  const isFit = typeof address === 'string' && ADDRESS.test(address);
  if (isFit && (place > 0 || isNodeName(address))) return { address, port: place };
  const what = place === 0 ? 'the name of a node' : 'a host or its address';
  throw invalid('register', `address is ${what}, not ${JSON.stringify(address)}`);
}

export function readStatus(value: unknown, method: string): number {
  return readWithin(value, -1, HUB_STATUS_MAX, `${method} status`);
}

export function readCount(value: unknown, method: string): number {
  return readWithin(value, 1, HUB_REQUEST_COUNT_MAX, `${method} count`);
}

/** An id, or a place as text. Throws E_ARGUMENT_INVALID. */
export function readKey(value: unknown, method: string): HubKey {
  if (Number.isSafeInteger(value)) return value as number;
  if (typeof value === 'string' && value.length <= PLACE_LENGTH_MAX) return value;
  throw invalid(method, 'the first argument is an id, or a place as text');
}

export function readLeaseId(value: unknown, method: string): string {
  if (typeof value === 'string' && LEASE_ID.test(value)) return value;
  throw invalid(method, 'a lease is called by 8 hexadecimal digits');
}

/** Time of a lease. Throws E_ARGUMENT_INVALID. */
export function readLeaseMs(value: unknown, method: string): number {
  if (value === undefined || value === null) return HUB_LEASE_MS_DEFAULT;
  return readWithin(value, HUB_LEASE_MS_MIN, HUB_LEASE_MS_MAX, `${method} leaseMs`);
}

/** What is to be reserved. Throws E_ARGUMENT_INVALID. */
export function readRequest(value: unknown): Omit<HubRequest, 'holder'> {
  const { count, among, isExact, leaseMs } = fieldsOf(value);
  const isList = Array.isArray(among) && among.every((each) => typeof each === 'string');
  if (among !== undefined && among !== null && !isList) {
    throw invalid('request', 'among is a list of places as texts');
  }
  return {
    count: readCount(count, 'request'),
    among: isList ? (among as string[]) : undefined,
    isExact: isExact === true,
    leaseMs: leaseMs === 0 ? 0 : readLeaseMs(leaseMs, 'request'),
  };
}

/** Which entries are wanted. Throws E_ARGUMENT_INVALID. */
export function readFilter(value: unknown): (entry: HubEntry) => boolean {
  const { status, isAvailable, isIdle, address, port } = fieldsOf(value);
  const only = status === undefined ? undefined : readStatus(status, 'list');
  const at = port === undefined ? undefined : readWithin(port, 0, PORT_MAX, 'list port');
  return (entry) => {
    const told = statusOf(entry);
    return (
      (only === undefined || told === only) &&
      (isAvailable !== true || told > 0) &&
      (isIdle !== true || told === 0) &&
      (address === undefined || entry.address === address) &&
      (at === undefined || entry.port === at)
    );
  };
}
