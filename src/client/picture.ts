/**
 * One picture of the tree with the figures of its hosts: a watch that ends when all have spoken.
 */
import { DagentError } from '../protocol/errors.ts';
import type { NodeStatus } from '../protocol/status.ts';
import type { ConnectOptions } from './connection.ts';
import { watchTree } from './watch.ts';

export interface Picture {
  readonly realm: string;
  readonly nodes: readonly NodeStatus[];
  /** The node that was asked as the top, when its parent is away: only what is below it is seen. */
  readonly cutOffAt?: string;
}

/** A host that has not told its figures by then is shown without them. */
const PATIENCE_MS = 2_500;

/**
 * Watches until every node that is up has given its figures. Throws as `connect`, and
 * E_CONNECTION_LOST when nothing came.
 */
export async function fetchPicture(options: ConnectOptions): Promise<Picture> {
  const nodes = new Map<string, NodeStatus>();
  let realm = '';
  let isCutOff = false;
  let isDone: () => void = () => undefined;
  const done = new Promise<undefined>((resolve) => {
    isDone = () => resolve(undefined);
  });
  /** Nodes that have not given their figures. */
  const silent = new Set<string>();
  const note = (node: NodeStatus): void => {
    nodes.set(node.name, node);
    if (node.state === 'up' && node.sample === null) silent.add(node.name);
    else silent.delete(node.name);
  };
  const subscription = await watchTree(options, (record) => {
    if (record.type === 'snapshot') {
      realm = record.realm;
      isCutOff = record.isCutOff === true;
      record.nodes.forEach(note);
    } else if (record.type === 'node') {
      note(record.node);
    } else {
      nodes.delete(record.name);
      silent.delete(record.name);
    }
    if (silent.size === 0) isDone();
  });
  const timer = setTimeout(isDone, PATIENCE_MS);
  const reason = await Promise.race([done, subscription.over]);
  clearTimeout(timer);
  await subscription.close();
  if (nodes.size === 0) {
    const values = { node: 'the daemon', reason: reason ?? 'it shows no nodes' };
    throw new DagentError('E_CONNECTION_LOST', values);
  }
  const cutOff = isCutOff ? { cutOffAt: subscription.top } : {};
  return { realm, nodes: [...nodes.values()], ...cutOff };
}
