import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import {
  askMailbox,
  type BoxRecord,
  boxArg,
  boxRows,
  findBox,
  mailboxFlags,
} from '../../cli/mailboxes.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';

export default class MailboxShow extends DagentCommand {
  static override summary = 'Show one mailbox: how much waits, how long, and who receives';
  static override examples = [
    '<%= config.bin %> mailbox show web1:orders',
    '<%= config.bin %> mailbox show web1:orders --at hq --json',
  ];
  static override args = { box: boxArg };
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON object' }),
    ...mailboxFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MailboxShow);
    await this.withClient(flags, async (client) => {
      const { box, node } = findBox(client, args.box, flags.at);
      const boxes = await askMailbox<BoxRecord[]>(client, node, 'ls', [box]);
      const found = boxes.find((each) => each.box === box);
      if (flags.json) return printDocument(found ?? { box, count: 0, dead: 0, receivers: 0 });
      if (found === undefined) process.stderr.write(`${box}: nothing waits, nobody receives\n`);
      else {
        const { head, rows } = boxRows([found], Date.now());
        const [row = []] = rows;
        printLine(
          formatTable(
            [],
            head.map((name, at) => [name, row[at] ?? '']),
            Number.POSITIVE_INFINITY,
          ),
        );
      }
    });
  }
}
