import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { describeStanding, STATS_COLUMNS, statsRows } from '../cli/format-stats.ts';
import { checkNodeName } from '../cli/named-node.ts';
import { lineWidth, printDocument, printLine } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { wordArg } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { DagentError } from '../protocol/errors.ts';
import type { NodeHistory } from '../protocol/history.ts';
import type { NodeState } from '../protocol/status.ts';

export default class Stats extends DagentCommand {
  static override summary = 'Show the last hour of a node';
  static override description = [
    'As its parent remembers it, also when the node is lost (stderr says so): a bar for each',
    'minute, or for two where the terminal is narrow; the latest at the right, blank where nothing',
    'was heard. Bars of percentages reach from 0 to 100, others from 0 to the most.',
    'docs/STATISTICS.md says what each figure is.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> stats web1',
    '<%= config.bin %> stats web1 --json | jq -c ".tracks[] | [.id, .values[-1]]"',
  ];
  static override args = {
    node: wordArg({ required: true, description: 'Name of the node' }),
  };
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON object: a list of values for each track' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stats);
    checkNodeName('NODE', args.node);
    const [history, state] = await this.withClient(flags, (client) =>
      Promise.all([this.fetch(client, args.node), this.fetchState(client, args.node)]),
    );
    if (flags.json) return printDocument(history);
    process.stderr.write(`${describeStanding(history, state)}\n`);
    printLine(formatTable(STATS_COLUMNS, statsRows(history, lineWidth(), state)));
  }

  private async fetchState(client: Client, node: string): Promise<NodeState> {
    const { fetchNodes } = await import('../client/tree.ts');
    const { nodes } = await fetchNodes(client, { kind: 'names', names: [node] });
    return nodes[0]?.state ?? 'lost';
  }

  private async fetch(client: Client, node: string): Promise<NodeHistory> {
    const { fetchHistory } = await import('../client/history.ts');
    try {
      return await fetchHistory(client, node);
    } catch (error) {
      const isUnknown = error instanceof DagentError && error.code === 'E_NO_HISTORY';
      const { explainUnreachable } = await import('../client/targets.ts');
      throw (isUnknown ? await explainUnreachable(client, node) : undefined) ?? error;
    }
  }
}
