import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { askMailbox, boxArg, findBox, mailboxFlags } from '../../cli/mailboxes.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { wordsOf } from '../../cli/words.ts';
import { DagentError } from '../../protocol/errors.ts';

/** A position as `mailbox dead` prints it. Throws E_USAGE. */
function parsePosition(word: string): number {
  if (/^[1-9]\d{0,15}$/.test(word)) return Number(word);
  const reason = `${word} is no position: see dagent mailbox dead`;
  throw new DagentError('E_USAGE', { reason });
}

export default class MailboxRedeliver extends DagentCommand {
  static override summary = 'Let dead letters of a mailbox wait again: all, or those named';
  static override description = [
    'POSITIONs are those that mailbox dead shows; without one all dead letters are meant.',
  ].join(' ');
  static override usage = '<%= command.id %> BOX [POSITION...] [FLAG...]';
  static override examples = [
    '<%= config.bin %> mailbox redeliver web1:orders',
    '<%= config.bin %> mailbox redeliver web1:orders 17 23',
  ];
  static override strict = false;
  static override args = { box: boxArg };
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON object' }),
    ...mailboxFlags,
  };

  async run(): Promise<void> {
    const { args, raw, flags } = await this.parse(MailboxRedeliver);
    const positions = [...new Set(wordsOf(raw).slice(1).map(parsePosition))];
    await this.withClient(flags, async (client) => {
      const { box, node } = findBox(client, String(args.box), flags.at);
      const wanted = positions.length === 0 ? null : positions;
      const redelivered = await askMailbox<number>(client, node, 'redeliver', [box, wanted]);
      if (flags.json) printDocument({ box, redelivered });
      else printLine(`${redelivered} wait again`);
      const missing = positions.length - redelivered;
      if (missing > 0) throw new DagentError('E_LETTER_UNKNOWN', { missing, box, node });
    });
  }
}
