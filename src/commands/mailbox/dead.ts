import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { boxArg, mailboxFlags, printLetters } from '../../cli/mailboxes.ts';

export default class MailboxDead extends DagentCommand {
  static override summary = 'Show the dead letters of a mailbox, and what was tried with them';
  static override examples = [
    '<%= config.bin %> mailbox dead web1:orders',
    "<%= config.bin %> mailbox dead web1:orders --json | jq -r '.failures[-1].reason'",
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
    const { args, flags } = await this.parse(MailboxDead);
    await this.withClient(flags, (client) => printLetters(client, args.box, 'dead', flags));
  }
}
