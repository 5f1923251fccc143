import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { boxArg, boxRows, findBox, mailboxFlags } from '../../cli/mailboxes.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import type { Client } from '../../client/client.ts';
import { type BoxRecord, listBoxes } from '../../client/mailboxes.ts';
import { DagentError } from '../../protocol/errors.ts';

const ELSEWHERE = 'what another node keeps for it: --at NODE';

function isUsed({ count, dead, receivers }: BoxRecord): boolean {
  return count + dead + receivers > 0;
}

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

  /** What waits here for a node that is away, or does not have it, is meant as well. */
  private async find(
    client: Client,
    box: string,
    node: string,
    isOwnMeant: boolean,
  ): Promise<BoxRecord | undefined> {
    const look = async (at: string): Promise<BoxRecord | undefined> => {
      const boxes = await listBoxes(client, at, { box });
      return boxes.find((each) => each.box === box);
    };
    const lookHere = async (): Promise<BoxRecord | undefined> =>
      isOwnMeant && node !== client.node ? look(client.node) : undefined;
    try {
      const there = await look(node);
      if (there !== undefined && isUsed(there)) return there;
      const here = await lookHere();
      return here !== undefined && isUsed(here) ? here : (there ?? here);
    } catch (error) {
      const own = await lookHere();
      if (own !== undefined) return own;
      if (isOwnMeant) this.complain(ELSEWHERE);
      throw error;
    }
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MailboxShow);
    await this.withClient(flags, async (client) => {
      const { box, node } = findBox(client, args.box, flags.at);
      const found = await this.find(client, box, node, flags.at === undefined);
      if (found === undefined) throw new DagentError('E_BOX_UNKNOWN', { box, node });
      if (flags.json) return printDocument(found);
      const { head, rows } = boxRows([found], Date.now());
      const [row = []] = rows;
      const lines = head.map((name, at) => [name, row[at] ?? '']);
      printLine(formatTable([], lines, Number.POSITIVE_INFINITY));
    });
  }
}
