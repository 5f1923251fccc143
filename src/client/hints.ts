/** Remembered ways by name: a node knows them by key only, the top of the tree knows the names. */
import { nodeKeyOf, serviceKeyOf } from '../protocol/address.ts';
import type { Client } from './client.ts';
import type { StreamRecord } from './record-stream.ts';
import { fetchTree } from './tree.ts';

export interface NamedHint {
  readonly type: 'hint';
  /** Name, or `#` and the key of what the tree does not know any more. */
  readonly service: string;
  readonly node: string;
  /** How long it is still remembered. */
  readonly forMs: number;
}

function nameOf(key: unknown, names: ReadonlyMap<number, string>): string {
  return typeof key === 'number' ? (names.get(key) ?? `#${key.toString(16)}`) : '';
}

/** Puts names to the records of `route.list` about remembered ways. Throws as a call does. */
export async function nameHints(
  client: Client,
  records: readonly StreamRecord[],
): Promise<NamedHint[]> {
  if (records.length === 0) return [];
  const { nodes } = await fetchTree(client);
  const services = nodes.flatMap((node) => node.services);
  const nodeNames = new Map(nodes.map(({ name }) => [nodeKeyOf(name), name]));
  const serviceNames = new Map(services.map((name) => [serviceKeyOf(name), name]));
  return records.map(({ serviceKey, nodeKey, forMs }) => ({
    type: 'hint',
    service: nameOf(serviceKey, serviceNames),
    node: nameOf(nodeKey, nodeNames),
    forMs: typeof forMs === 'number' ? forMs : 0,
  }));
}
