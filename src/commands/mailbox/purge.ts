import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { askMailbox, boxArg, findBox, findKnownBox, mailboxFlags } from '../../cli/mailboxes.ts';
import { printDocument, printLine } from '../../cli/output.ts';

export default class MailboxPurge extends DagentCommand {
  static override summary = 'Throw away what waits in a mailbox, or its dead letters, for good';
  static override examples = [
    '<%= config.bin %> mailbox purge web1:orders',
    '<%= config.bin %> mailbox purge web1:orders --dead',
  ];
  static override args = { box: boxArg };
  static override flags = {
    dead: Flags.boolean({ description: 'The dead letters; what waits stays' }),
    json: Flags.boolean({ description: 'Print a JSON object' }),
    ...mailboxFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MailboxPurge);
    await this.withClient(flags, async (client) => {
      const { box, node } = findBox(client, args.box, flags.at);
      const what = flags.dead ? 'dead' : 'waiting';
      const { leased } = await findKnownBox(client, node, box);
      const purged = await askMailbox<number>(client, node, 'purge', [box, what]);
      if (flags.json) printDocument({ box, purged });
      else printLine(`${purged} thrown away`);
      if (flags.dead || leased === 0) return;
      this.complain(`${leased} of them were with receivers, which may still do them`);
    });
  }
}
