import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { tellCutOff } from '../../cli/cut-off.ts';
import { FLAG_COLUMNS, flagRow, priorityFlag, sortListed } from '../../cli/flags.ts';
import { lookUpListed } from '../../cli/listed-targets.ts';
import { printLine, printRecord } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { readTargets, targetFlags } from '../../cli/target-flags.ts';
import { wordArg, wordsOf } from '../../cli/words.ts';

export default class FlagLs extends DagentCommand {
  static override summary = 'List the flags that are up, the most urgent first';
  static override description = [
    'As the top of the tree knows them. Those of a lost node are those that it had. The daemon',
    'raises some of its own, under the service dagent.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> flag ls',
    "<%= config.bin %> flag ls 'web*' --priority error",
    "<%= config.bin %> flag ls --tag db --json | jq -r '.node'",
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: 'Only those of these nodes; of all without it' }),
  };
  static override flags = {
    priority: priorityFlag({ description: 'Those that are so urgent, or more' }),
    tag: Flags.string({ helpValue: 'WORD', description: 'Those that have this tag' }),
    json: Flags.boolean({ description: 'Print NDJSON, a flag to a line' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(FlagLs);
    const { priority, tag } = flags;
    const words = wordsOf(raw);
    const isSome = Object.keys(targetFlags).some((name) => name in flags);
    const wanted =
      words.length > 0 || isSome
        ? await readTargets(words.length > 0 || flags.file ? words : ['*'], flags)
        : undefined;
    const { found, names } = await this.withClient(flags, async (client) => ({
      names: wanted && new Set((await lookUpListed(client, wanted)).names),
      found: await client.flags.list({ priority, tag }),
    }));
    if (wanted === undefined) tellCutOff(found.cutOffAt);
    const some = found.flags.filter(({ node }) => names === undefined || names.has(node));
    const listed = sortListed(some);
    if (found.omitted > 0) {
      process.stderr.write(`${found.omitted} flags are not listed: a node had no room for them\n`);
    }
    if (flags.json) for (const flag of listed) printRecord(flag);
    else if (listed.length === 0) {
      const isAny = wanted === undefined && priority === undefined && tag === undefined;
      process.stderr.write(`no flag${isAny ? '' : ' of that kind'} is up\n`);
    } else
      printLine(
        formatTable(
          FLAG_COLUMNS,
          listed.map((flag) => flagRow(flag, Date.now())),
        ),
      );
  }
}
