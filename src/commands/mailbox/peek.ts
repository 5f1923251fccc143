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
    const { count, from } = flags;
    await this.withClient(flags, async (client) => {
      const { box, node } = findBox(client, args.box, flags.at);
      const wish = { what: 'waiting', count, from };
      for (const letter of await askMailbox<LetterRecord[]>(client, node, 'peek', [box, wish])) {
        if (flags.json) printRecord(letterRecord(letter));
        else printLine(formatLetter(letter));
      }
    });
  }
}
