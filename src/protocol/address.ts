/**
 * Addresses: `node:service` names one service of one node, `service` the nearest one of that name,
 * `node:` the built-in service of a node. A broadcast goes to many: `.` to all services of this
 * node, `?` to those of all nodes of this realm, `*` to those of neighbouring realms as well, and
 * `*:service` to that service only, on every node that has it.
 *
 * On the wire an address is two numbers, so that a router compares integers and decodes nothing:
 * the key of the node (48 bits of hash of its name) and the key of the service (32 bits). Two names
 * of one realm with one key are refused like two equal names, by the first node that would know
 * both.
 */
import { murmur3 } from '../base/hash.ts';
import { Scope } from './frame.ts';
import { NAME_LENGTH_MAX } from './limits.ts';

/** Key of a node: 48 bits, so that a number holds it exactly. 0 means that no node is named. */
export type NodeKey = number;
/** Key of a service: 32 bits. 0 is the router of the node itself. */
export type ServiceKey = number;

export interface Address {
  /** Name of the node, or '' for the nearest one that has the service. */
  readonly node: string;
  readonly service: string;
}

/** Whom a broadcast is for. */
export interface Broadcast {
  readonly scope: Scope;
  /** The service, or '' for all. */
  readonly service: string;
}

/** The service that every node has. */
export const BUILTIN_SERVICE = 'dagent';
/**
 * The service of every node that shows what passes. It has a name of its own, which no program can
 * take, so that what it sends can be told from the rest: nobody must sniff what is sniffed.
 */
export const SNIFF_SERVICE = '~sniff';

const NODE_SEED_LOW = 0;
const NODE_SEED_HIGH = 0x9747b28c;
const SERVICE_SEED = 0;
const NODE_NAME = /^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/;
const SERVICE_NAME = /^~?[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$/;

/** The key of a node's name; '' has the key 0. */
export function nodeKeyOf(name: string): NodeKey {
  if (name === '') return 0;
  return (
    (murmur3(name, NODE_SEED_HIGH) & 0xffff) * 0x1_0000_0000 + murmur3(name, NODE_SEED_LOW) || 1
  );
}

/** The key of a service's name. */
export function serviceKeyOf(name: string): ServiceKey {
  return murmur3(name, SERVICE_SEED) || 1;
}

/**
 * Whether `name` can be a node's: letters, digits, `.`, `_`, `-` inside; no longer than a DNS
 * label.
 */
export function isNodeName(name: string): boolean {
  return name.length <= NAME_LENGTH_MAX && NODE_NAME.test(name);
}

/** Whether `name` can be a service's. A leading `~` marks the unnamed end of one connection. */
export function isServiceName(name: string): boolean {
  return name.length <= NAME_LENGTH_MAX && SERVICE_NAME.test(name);
}

/** The address in `text`, or undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  const colon = text.indexOf(':');
  const node = colon < 0 ? '' : text.slice(0, colon);
  const service = (colon < 0 ? text : text.slice(colon + 1)) || (colon > 0 ? BUILTIN_SERVICE : '');
  if (colon === 0 || (node !== '' && !isNodeName(node)) || !isServiceName(service))
    return undefined;
  return { node, service };
}

/** The text of an address, as {@link parseAddress} reads it. */
export function formatAddress(address: Address): string {
  return address.node === '' ? address.service : `${address.node}:${address.service}`;
}

const SCOPES: ReadonlyMap<string, Scope> = new Map([
  ['.', Scope.NODE],
  ['?', Scope.REALM],
  ['*', Scope.EVERYWHERE],
]);

/** The broadcast in `text`, or undefined when it is none. No address is both. */
export function parseBroadcast(text: string): Broadcast | undefined {
  const colon = text.indexOf(':');
  const scope = SCOPES.get(colon < 0 ? text : text.slice(0, colon));
  if (scope === undefined) return undefined;
  if (colon < 0) return { scope, service: '' };
  const service = text.slice(colon + 1);
  // An unnamed end means something on one node only.
  return isServiceName(service) && !service.startsWith('~') ? { scope, service } : undefined;
}
