import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { describeFlag, flagArgs, hasKey, sortListed } from '../../cli/flags.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { DagentError } from '../../protocol/errors.ts';
import { formatFlagKey } from '../../protocol/flag.ts';

export default class FlagShow extends DagentCommand {
  static override summary = 'Show all that is known of a flag, on each node where it is up';
  static override examples = [
    '<%= config.bin %> flag show backup nightly failed',
    '<%= config.bin %> flag show raid md0 degraded --at web1 --json',
  ];
  static override args = flagArgs;
  static override flags = {
    at: Flags.string({ helpValue: 'NODE', description: 'Only that of this node' }),
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FlagShow);
    const { at } = flags;
    const all = await this.withClient(flags, (client) => client.flags.list());
    const found = all.flags.filter(
      (flag) => hasKey(flag, args) && (at === undefined || flag.node === at),
    );
    if (found.length === 0) {
      const values = { flag: formatFlagKey(args), where: at ?? 'any node' };
      throw new DagentError('E_FLAG_UNKNOWN', values);
    }
    if (flags.json) return printDocument(sortListed(found));
    const blocks = sortListed(found).map((flag) =>
      formatTable([], describeFlag(flag), Number.POSITIVE_INFINITY),
    );
    printLine(blocks.join('\n\n'));
  }
}
