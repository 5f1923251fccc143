import * as Flags from '@oclif/core/flags';
import { escapeLine } from '../base/escape.ts';
import { DagentCommand, type ViaFlags, viaFlags } from '../cli/base.ts';
import { sayMissed } from '../cli/format-metrics.ts';
import { describeStanding, STATS_COLUMNS, statsRows } from '../cli/format-stats.ts';
import { checkNodeName } from '../cli/named-node.ts';
import { lineWidth, printDocument, printLine } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { wordArg } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../client/exec-status.ts';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import type { NodeHistory } from '../protocol/history.ts';
import type { NodeState } from '../protocol/status.ts';

export default class Stats extends DagentCommand {
  static override summary = 'Show the last hour of a node';
  static override description = [
    'As its parent remembers it, also when the node is lost (stderr says so): a bar for each',
    'minute, or for two where the terminal is narrow; the latest at the right, blank where nothing',
    'was heard. Bars of percentages reach from 0 to 100, others from 0 to the most. With --subtree',
    'the figures as they are now, of the node and of all below it, added up; a node that cannot be',
    'heard is named on stderr, and the exit status is 5.',
    'docs/STATISTICS.md says what each figure is.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> stats web1',
    '<%= config.bin %> stats east --subtree',
    '<%= config.bin %> stats web1 --json | jq -c ".tracks[] | [.id, .values[-1]]"',
  ];
  static override args = {
    node: wordArg({ required: true, description: 'Name of the node' }),
  };
  static override flags = {
    subtree: Flags.boolean({ description: 'Of all below it too, added up, as they are now' }),
    json: Flags.boolean({ description: 'Print a JSON object: a list of values for each track' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stats);
    checkNodeName('NODE', args.node);
    if (flags.subtree) return this.showSubtree(args.node, flags);
    const [history, state] = await this.withClient(flags, (client) =>
      Promise.all([this.fetch(client, args.node), this.fetchState(client, args.node)]),
    );
    if (flags.json) return printDocument(history);
    process.stderr.write(`${describeStanding(history, state)}\n`);
    printLine(formatTable(STATS_COLUMNS, statsRows(history, lineWidth(), state)));
  }

  private async showSubtree(node: string, flags: ViaFlags & { readonly json: boolean }) {
    const { fetchSubtreeStats, SUBTREE_COLUMNS, subtreeRows } = await import(
      '../cli/subtree-stats.ts'
    );
    const stats = await this.withClient(flags, (client) =>
      this.orExplain(client, node, 'E_UNREACHABLE', fetchSubtreeStats(client, node)),
    );
    if (flags.json) printDocument(stats);
    else printLine(formatTable(SUBTREE_COLUMNS, subtreeRows(stats)));
    const missed = sayMissed(stats.silent, stats.silentMore);
    for (const line of missed) this.complain(escapeLine(line));
    if (missed.length > 0) process.exitCode = EXIT.UNREACHED;
  }

  private async fetchState(client: Client, node: string): Promise<NodeState> {
    const { fetchNodes } = await import('../client/tree.ts');
    const { nodes } = await fetchNodes(client, { kind: 'names', names: [node] });
    return nodes[0]?.state ?? 'lost';
  }

  private async fetch(client: Client, node: string): Promise<NodeHistory> {
    const { fetchHistory } = await import('../client/history.ts');
    return this.orExplain(client, node, 'E_NO_HISTORY', fetchHistory(client, node));
  }

  /** What was asked for; where it fails with `code`, it may be that nobody has the name. */
  private async orExplain<T>(
    client: Client,
    node: string,
    code: ErrorCode,
    asked: Promise<T>,
  ): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      const isUnknown = error instanceof DagentError && error.code === code;
      const { explainUnreachable } = await import('../client/targets.ts');
      throw (isUnknown ? await explainUnreachable(client, node) : undefined) ?? error;
    }
  }
}
