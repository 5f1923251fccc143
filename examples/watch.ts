/**
 * Follows the tree and prints a line when a node comes, goes or is lost: a stream under credit,
 * read as it comes. With a daemon running on this host:
 *
 *     node examples/watch.ts
 *
 * The records are those of `dagent top`: a snapshot first, then single nodes. While nobody watches,
 * no node takes figures of its host, and nothing is sent.
 */
import { connect, DagentError, type NodeStatus, type WatchRecord } from 'dagent';

/** A watch may stand for a day; a program that lives longer opens it anew. */
const WATCH_MS = 86_400_000;

/** Prints what is new about a node since it was last spoken of. */
function tell(known: Map<string, NodeStatus>, node: NodeStatus): void {
  const former = known.get(node.name);
  known.set(node.name, node);
  if (former?.state === node.state && former.parent === node.parent) return;
  const below = node.parent === null ? '' : ` below ${node.parent}`;
  process.stdout.write(`${node.state.padEnd(5)} ${node.name} (${node.role}${below})\n`);
}

function handleRecord(known: Map<string, NodeStatus>, record: WatchRecord): void {
  if (record.type === 'snapshot') {
    for (const node of record.nodes) tell(known, node);
  } else if (record.type === 'node') {
    tell(known, record.node);
  } else if (known.delete(record.name)) {
    process.stdout.write(`gone  ${record.name}\n`);
  }
}

async function watch(): Promise<void> {
  const client = await connect();
  process.once('SIGINT', () => void client.close());
  const top = String(await client.call(`${client.node}:`, 'tree.top'));
  const asking = client.openCall(`${top}:`, 'watch.open', [], WATCH_MS);
  const known = new Map<string, NodeStatus>();
  const decoder = new TextDecoder();
  let rest = '';
  asking.onData = (_, bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) handleRecord(known, JSON.parse(line) as WatchRecord);
    // Gives the sender leave to send as much again: who does not grant is sent no more.
    asking.grant(bytes.length);
  };
  const lost = await client.closed;
  if (lost !== undefined) throw lost;
}

try {
  await watch();
} catch (error) {
  if (!(error instanceof DagentError)) throw error;
  process.stderr.write(`watch: ${error.message}\n`);
  process.exitCode = error.exit;
}
