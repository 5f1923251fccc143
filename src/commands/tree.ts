import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { growForest, parentsOf } from '../cli/forest.ts';
import { formatTree } from '../cli/format-tree.ts';
import { formatDot, formatMermaid } from '../cli/graph-tree.ts';
import { lookUpListed } from '../cli/listed-targets.ts';
import { hasColour, lineWidth, printDocument, printLine } from '../cli/output.ts';
import { readTargets, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { fetchTree, type Tree as TreeOfNodes } from '../client/tree.ts';

export default class Tree extends DagentCommand {
  static override summary = 'Show the tree of nodes';
  static override description = [
    'Three or more below one node that are alike (role, state, services, labels, flags) and have',
    'nobody below them are one line: web[1-40].',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> tree',
    '<%= config.bin %> tree --all',
    '<%= config.bin %> tree --dot | dot -Tsvg > tree.svg',
    "<%= config.bin %> tree 'site=oslo and state=lost'",
    '<%= config.bin %> tree --json | jq -r \'.nodes[] | select(.state == "up") | .name\'',
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: 'Only these, and the way to them; all without it' }),
  };
  static override flags = {
    json: Flags.boolean({ description: 'Print one JSON document, without the way' }),
    all: Flags.boolean({ description: 'Each node on a line of its own' }),
    dot: Flags.boolean({
      exclusive: ['json', 'mermaid'],
      description: 'Print a graph in the language of Graphviz',
    }),
    mermaid: Flags.boolean({ exclusive: ['json'], description: 'Print a graph of Mermaid' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Tree);
    const words = wordsOf(raw);
    const isAll = words.length === 0 && flags.file === undefined;
    const wanted = await readTargets(isAll ? ['*'] : words, flags);
    const [tree, names] = await this.withClient(flags, async (client: Client) => {
      const { names } = await lookUpListed(client, wanted);
      return [await fetchTree(client), new Set(names)] as const;
    });
    if (flags.json) {
      return printDocument({ ...tree, nodes: tree.nodes.filter((it) => names.has(it.name)) });
    }
    const options = { isFolded: !flags.all, parents: parentsOf(tree.nodes) };
    const forest = growForest(withWay(tree, names), options);
    if (flags.dot) printLine(formatDot(forest));
    else if (flags.mermaid) printLine(formatMermaid(forest));
    else
      printLine(
        formatTree(forest, { hasColour: hasColour(process.stdout), widthMax: lineWidth() }),
      );
  }
}

/** The nodes of these names, with those above them. */
function withWay({ nodes }: TreeOfNodes, names: ReadonlySet<string>): TreeOfNodes['nodes'] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const shown = new Set<string>();
  for (const name of names) {
    let at: string | null = name;
    while (at !== null && !shown.has(at)) {
      shown.add(at);
      at = byName.get(at)?.parent ?? null;
    }
  }
  return nodes.filter(({ name }) => shown.has(name));
}
