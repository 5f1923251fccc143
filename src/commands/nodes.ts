import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { lookUpListed } from '../cli/listed-targets.ts';
import { NODE_COLUMNS, NODE_SORTS, nodeRow, sortNodes } from '../cli/node-table.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { readTargets, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import { fetchPicture } from '../client/picture.ts';

export default class Nodes extends DagentCommand {
  static override summary = 'List nodes with the figures of their hosts';
  static override description = [
    'RTT is the round trip to the parent, LOAD that of the last minute, MEM what is used of',
    'memory, FLAGS how many are up and how urgent the worst is, UP how long the daemon runs. On a',
    'narrow terminal columns give way; in a pipe all are there.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> nodes',
    "<%= config.bin %> nodes 'web*' --sort load",
    '<%= config.bin %> nodes --json | jq -r \'select(.state == "lost") | .name\'',
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: 'Only these; all without it' }),
  };
  static override flags = {
    sort: Flags.option({
      options: NODE_SORTS,
      default: 'name' as const,
      description: 'By this column: numbers the greatest first',
    })(),
    reverse: Flags.boolean({ char: 'r', description: 'The other way round' }),
    json: Flags.boolean({ description: 'Print NDJSON, a node to a line' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Nodes);
    const words = wordsOf(raw);
    const isAll = words.length === 0 && flags.file === undefined;
    const wanted = await readTargets(isAll ? ['*'] : words, flags);
    const { names } = await this.withClient(flags, (client) => lookUpListed(client, wanted));
    const chosen = new Set(names);
    const { nodes } = await fetchPicture(flags);
    const sorted = sortNodes(
      nodes.filter(({ name }) => chosen.has(name)),
      flags.sort,
    );
    if (flags.reverse) sorted.reverse();
    if (flags.json) for (const node of sorted) printRecord(node);
    else {
      const nowMs = Date.now();
      const rows = sorted.map((node) => nodeRow(node, nowMs));
      if (rows.length > 0) printLine(formatTable(NODE_COLUMNS, rows));
    }
  }
}
