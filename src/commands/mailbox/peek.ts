import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { boxArg, mailboxFlags, printLetters } from '../../cli/mailboxes.ts';

export default class MailboxPeek extends DagentCommand {
  static override summary = 'Show messages that wait in a mailbox; they stay there';
  static override examples = [
    '<%= config.bin %> mailbox peek web1:orders',
    '<%= config.bin %> mailbox peek web1:orders --count 100 --json | jq -r .params.id',
  ];
  static override args = { box: boxArg };
  static override flags = {
    count: Flags.integer({
      helpValue: 'N',
      char: 'c',
      min: 1,
      description: 'Show so many (10; at most 1000)',
    }),
    from: Flags.integer({ helpValue: 'N', min: 0, description: 'Begin at this position' }),
    json: Flags.boolean({ description: 'Print NDJSON' }),
    ...mailboxFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MailboxPeek);
    await this.withClient(flags, (client) => printLetters(client, args.box, 'waiting', flags));
  }
}
