import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { changeFlags, flagArgs, printAnswer } from '../../cli/flags.ts';
import { askNamed, checkNodeName } from '../../cli/named-node.ts';
import type { FlagAnswer } from '../../client/flags.ts';
import { formatFlagKey } from '../../protocol/flag.ts';

export default class FlagLower extends DagentCommand {
  static override summary = 'Lower a flag: what was the matter is over';
  static override description = [
    'A flag that was raised with --manual-down stays up, marked as cleared, until it is lowered',
    'with --by-hand. A flag that is not up is no error.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> flag lower backup nightly failed',
    '<%= config.bin %> flag lower raid md0 degraded --by-hand --at web1',
  ];
  static override args = flagArgs;
  static override flags = {
    'by-hand': Flags.boolean({ description: 'A person lowers it: also one that waits for that' }),
    ...changeFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FlagLower);
    const { service, section, flag } = args;
    const wish = { isByHand: flags['by-hand'], node: flags.at };
    checkNodeName('--at', wish.node);
    const answer = await this.withClient(flags, (client) =>
      askNamed(client, wish.node, () => client.flags.lower(service, section, flag, wish)),
    );
    printAnswer(answer, flags.json, noteOf(answer, formatFlagKey(args)));
  }
}

function noteOf({ change, node }: FlagAnswer, name: string): string {
  switch (change) {
    case 'none':
      return `${name} is not up on ${node}`;
    case 'cleared':
      return `${name} stays up until a person lowers it: dagent flag lower --by-hand`;
    default:
      return '';
  }
}
