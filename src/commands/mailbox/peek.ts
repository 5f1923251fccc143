import { DagentCommand } from '../../cli/base.ts';
import { boxArg, peekFlags, printLetters } from '../../cli/mailboxes.ts';

export default class MailboxPeek extends DagentCommand {
  static override summary = 'Show messages that wait in a mailbox; they stay there';
  static override examples = [
    '<%= config.bin %> mailbox peek web1:orders',
    '<%= config.bin %> mailbox peek web1:orders --count 100 --json | jq -r .params.id',
  ];
  static override args = { box: boxArg };
  static override flags = peekFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MailboxPeek);
    await this.withClient(flags, (client) => printLetters(client, args.box, 'waiting', flags));
  }
}
