import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { boxRows, mailboxFlags } from '../../cli/mailboxes.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { listBoxes } from '../../client/mailboxes.ts';

const ELSEWHERE = '  what another node keeps: --at NODE\n';

export default class MailboxLs extends DagentCommand {
  static override summary = 'List what waits at a node: for its services, and for other nodes';
  static override examples = [
    '<%= config.bin %> mailbox ls',
    '<%= config.bin %> mailbox ls --at web1',
    "<%= config.bin %> mailbox ls --json | jq '.[] | select(.dead > 0)'",
  ];
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...mailboxFlags,
    at: Flags.string({
      helpValue: 'NODE',
      description: 'Node whose mailboxes are listed; the daemon that we talk to otherwise',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(MailboxLs);
    await this.withClient(flags, async (client) => {
      const node = flags.at ?? client.node;
      const boxes = await listBoxes(client, node);
      if (flags.json) return printDocument(boxes);
      const { head, rows } = boxRows(boxes, Date.now());
      if (rows.length > 0) printLine(formatTable(head, rows));
      else process.stderr.write(`at ${node} nothing waits, and nobody receives\n${ELSEWHERE}`);
    });
  }
}
