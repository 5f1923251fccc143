import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { changeFlags, flagArgs, printAnswer, priorityFlag } from '../../cli/flags.ts';
import { askNamed, checkNodeName } from '../../cli/named-node.ts';

export default class FlagRaise extends DagentCommand {
  static override summary = 'Raise a flag: say that something is the matter, until it is lowered';
  static override description = [
    'A flag that is up already is renewed, and counts; what is not said again stays as it was. It',
    'is kept on disk by its node, and the top of the tree knows it.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> flag raise backup nightly failed',
    "<%= config.bin %> flag raise orders db slow --priority error -m 'p99 is 2 s' --tag db",
    '<%= config.bin %> flag raise raid md0 degraded --manual-down --at web1',
  ];
  static override args = flagArgs;
  static override flags = {
    priority: priorityFlag({ description: 'How urgent it is; warning at first' }),
    tag: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'WORD',
      description: 'To choose it by; may be said several times',
    }),
    message: Flags.string({ char: 'm', helpValue: 'TEXT', description: 'What people should know' }),
    'manual-down': Flags.boolean({
      description: 'It stays up until a person lowers it: flag lower --by-hand',
    }),
    ...changeFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(FlagRaise);
    const { service, section, flag } = args;
    const { at: node, tag: tags, priority, message } = flags;
    const wish = { priority, tags, message, isManual: flags['manual-down'], node };
    checkNodeName('--at', wish.node);
    const answer = await this.withClient(flags, (client) =>
      askNamed(client, wish.node, () => client.flags.raise(service, section, flag, wish)),
    );
    printAnswer(answer, flags.json, '');
  }
}
