/**
 * Follows the tree and prints a line when a node comes, goes or is lost. With a daemon running on
 * this host:
 *
 *     node examples/watch.ts
 *
 * The records are those of `dagent top`: a snapshot first, then single nodes. While nobody watches,
 * each node tells its parent its figures about once a minute, and nothing else of them is sent.
 */
import { DagentError, type NodeStatus, type WatchRecord, watchTree } from 'dagent';

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
  const known = new Map<string, NodeStatus>();
  // It ends with its daemon: what was shown might be another tree by then.
  const watching = await watchTree({}, (record) => handleRecord(known, record));
  process.once('SIGINT', () => void watching.close());
  const reason = await watching.over;
  if (reason !== undefined) process.stderr.write(`watch: ${reason}\n`);
  await watching.close();
}

try {
  await watch();
} catch (error) {
  if (!(error instanceof DagentError)) throw error;
  process.stderr.write(`watch: ${error.message}\n`);
  process.exitCode = error.exit;
}
