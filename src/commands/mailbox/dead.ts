import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import {
  askMailbox,
  boxArg,
  findBox,
  formatLetter,
  type LetterRecord,
  letterRecord,
  mailboxFlags,
} from '../../cli/mailboxes.ts';
import { printLine, printRecord } from '../../cli/output.ts';

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
    const { count, from } = flags;
    await this.withClient(flags, async (client) => {
      const { box, node } = findBox(client, args.box, flags.at);
      const wish = { what: 'dead', count, from };
      for (const letter of await askMailbox<LetterRecord[]>(client, node, 'peek', [box, wish])) {
        if (flags.json) printRecord(letterRecord(letter));
        else printLine(formatLetter(letter));
      }
    });
  }
}
