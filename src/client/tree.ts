/** Asking for the tree: which nodes there are, all of them or those of a selector. */
import { createLineSplitter } from '../base/lines.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  LOST_NODE_MS,
  REQUEST_MS_DEFAULT,
  SELECTOR_BYTES_MAX,
  STATUS_LINE_BYTES_MAX,
} from '../protocol/limits.ts';
import { type Selected, selectNodes } from '../protocol/select.ts';
import { formatSelector, type Selector } from '../protocol/selector.ts';
import { type NodeStatus, parseListedRecord, parseTreeAnswer } from '../protocol/status.ts';
import type { Client } from './client.ts';

export interface Tree {
  readonly realm: string | null;
  readonly nodes: readonly NodeStatus[];
}

/** The nodes of a selector, and what it does not find. */
export interface TreePart extends Tree, Selected<NodeStatus> {
  /** The node that was asked as the top, when its parent is away: only what is below it is seen. */
  readonly cutOffAt?: string | undefined;
}

/**
 * Address of the node at the top of the tree, which knows all others; as the node `asked` has it,
 * the one of the client when absent.
 */
export async function findTop(client: Client, asked = client.node): Promise<string> {
  // So it was when the connection was made.
  if (asked === client.node && client.record.parent === null) return `${asked}:`;
  return await askTop(client, asked);
}

/** The same, also long after the connection was made. */
export async function askTop(client: Client, asked: string): Promise<string> {
  const name = await client.call(`${asked}:`, 'tree.top');
  if (typeof name === 'string' && isNodeName(name)) return `${name}:`;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: `${asked}:`, command: 'tree.top' });
}

/** The name in the address of a top. */
export function nodeOf(top: string): string {
  return top.slice(0, -1);
}

export interface FetchOptions {
  /** Right after a restart of the top: wait until those that it knew before are back. */
  readonly isPatient?: boolean | undefined;
  /** Hears that this is waited for, and at which node. */
  readonly onWait?: ((top: string) => void) | undefined;
}

/** The nodes that the top lists: all, or those of the text of a selector. */
async function listNodes(
  client: Client,
  text?: string,
  { isPatient = false, onWait }: FetchOptions = {},
): Promise<TreePart> {
  const top = await findTop(client);
  const args = text === undefined ? [] : [text, ...(isPatient ? [{ isPatient }] : [])];
  const timeoutMs = REQUEST_MS_DEFAULT + (isPatient ? LOST_NODE_MS : 0);
  const nodes: NodeStatus[] = [];
  const unknown: string[] = [];
  const asking = client.openCall(top, 'tree.nodes', args, timeoutMs);
  const lines = createLineSplitter((line) => {
    const record = parseListedRecord(line.toString('utf8'));
    if (record?.type === 'node') nodes.push(record.node);
    else if (record?.type === 'unknown') unknown.push(record.name);
  }, STATUS_LINE_BYTES_MAX);
  asking.onProgress = () => onWait?.(nodeOf(top));
  asking.onData = (_, bytes) => {
    lines.push(bytes);
    asking.grant(bytes.length);
  };
  const answer = parseTreeAnswer(decodeValue((await asking.outcome).data));
  // A node that is left out is one that nobody hears of: then nothing of it is believed.
  if (answer?.count !== nodes.length + unknown.length) {
    throw new DagentError('E_NOT_UNDERSTOOD', { service: top, command: 'tree.nodes' });
  }
  const { realm, unmatched, isCutOff } = answer;
  return { realm, nodes, unknown, unmatched, ...(isCutOff && { cutOffAt: nodeOf(top) }) };
}

/** All nodes of the tree. Throws E_NOT_UNDERSTOOD. */
export async function fetchTree(client: Client): Promise<Tree> {
  const { realm, nodes } = await listNodes(client);
  return { realm, nodes };
}

/**
 * The nodes that a selector means, worked out at the top: what is not meant does not travel. Throws
 * E_NOT_UNDERSTOOD.
 */
export async function fetchNodes(
  client: Client,
  selector: Selector,
  options: FetchOptions = {},
): Promise<TreePart> {
  const text = formatSelector(selector);
  if (Buffer.byteLength(text) <= SELECTOR_BYTES_MAX) return listNodes(client, text, options);
  const { realm, nodes, cutOffAt } = await listNodes(client);
  const described = nodes.map((node) => ({ record: node, state: node.state }));
  const selected = selectNodes(selector, described);
  return { realm, ...selected, nodes: selected.nodes.map(({ record }) => record), cutOffAt };
}
