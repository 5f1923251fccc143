import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { formatTree } from '../cli/format-tree.ts';
import { hasColour, printDocument, printLine } from '../cli/output.ts';

export default class Tree extends DagentCommand {
  static override summary = 'Show the tree of nodes';
  static override examples = [
    '<%= config.bin %> tree',
    '<%= config.bin %> tree --json | jq -r \'.nodes[] | select(.state == "up") | .name\'',
  ];
  static override flags = {
    json: Flags.boolean({ description: 'Print one JSON document' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Tree);
    const { fetchTree } = await import('../client/tree.ts');
    const tree = await this.withClient(flags, fetchTree);
    if (flags.json) printDocument(tree);
    else printLine(formatTree(tree.nodes, hasColour(process.stdout)));
  }
}
