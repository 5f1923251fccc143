import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { readPlace, readStatus } from '../../cli/hub.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { wordArg } from '../../cli/words.ts';
import { HubClient } from '../../client/hub.ts';

export default class HubRegister extends DagentCommand {
  static override summary = 'Add a node or a program to the hub, and print its id';
  static override examples = [
    '<%= config.bin %> hub register web1 --capacity 4',
    '<%= config.bin %> hub register 192.0.2.7:8080 --capacity 10',
  ];
  static override args = {
    place: wordArg({ required: true, description: 'NODE of the tree, or ADDRESS:PORT' }),
  };
  static override flags = {
    capacity: Flags.string({
      helpValue: 'N',
      default: '0',
      description: 'Connections, or commands at a time, that it can take; 0: none yet',
    }),
    json: Flags.boolean({ description: 'Print a JSON object' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HubRegister);
    const { address, port } = readPlace(args.place);
    const status = readStatus(flags.capacity);
    const { explainUnreachable } = await import('../../client/targets.ts');
    const [id, unknown] = await this.withClient(flags, async (client) => [
      await (await HubClient.of(client)).register(address, port, status),
      port === 0 ? await explainUnreachable(client, address) : undefined,
    ]);
    if (unknown !== undefined) {
      this.complain(`no node is named ${address}: it is a zombie until one is`, unknown.hint);
    }
    if (flags.json) printDocument({ id, address, port, status });
    else printLine(String(id));
  }
}
