import { DagentCommand } from '../../cli/base.ts';
import { boxArg, peekFlags, printLetters } from '../../cli/mailboxes.ts';

export default class MailboxDead extends DagentCommand {
  static override summary = 'Show the dead letters of a mailbox, and what was tried with them';
  static override examples = [
    '<%= config.bin %> mailbox dead web1:orders',
    "<%= config.bin %> mailbox dead web1:orders --json | jq -r '.failures[-1].reason'",
  ];
  static override args = { box: boxArg };
  static override flags = peekFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MailboxDead);
    await this.withClient(flags, (client) => printLetters(client, args.box, 'dead', flags));
  }
}
