import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { keyArg, readKey } from '../../cli/hub.ts';
import { HubClient } from '../../client/hub.ts';

export default class HubDeregister extends DagentCommand {
  static override summary = 'Take a node or a program out of the hub';
  static override examples = [
    '<%= config.bin %> hub deregister web1',
    '<%= config.bin %> hub deregister 192.0.2.7:8080',
    '<%= config.bin %> hub deregister 3',
  ];
  static override args = { node: keyArg };
  static override flags = viaFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HubDeregister);
    const key = readKey(args.node);
    await this.withClient(flags, async (client) => (await HubClient.of(client)).deregister(key));
  }
}
