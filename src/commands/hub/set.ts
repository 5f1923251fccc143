import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { keyArg, readKey, readStatus } from '../../cli/hub.ts';
import { wordArg } from '../../cli/words.ts';
import { HubClient } from '../../client/hub.ts';

export default class HubSet extends DagentCommand {
  static override summary = 'Say how many connections somebody in the hub can still take';
  static override description = [
    'What is leased at that time is no more given back later: whoever sets it knows what is taken.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> hub set web1 4',
    '<%= config.bin %> hub set 1 2',
    '<%= config.bin %> hub set 192.0.2.7:8080 0',
  ];
  static override args = {
    node: keyArg,
    status: wordArg({ required: true, description: 'How many; 0 none, -1 a zombie' }),
  };
  static override flags = viaFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HubSet);
    const key = readKey(args.node);
    const status = readStatus(args.status);
    const told = await this.withClient(flags, async (client) =>
      (await HubClient.of(client)).set(key, status),
    );
    if (told === status) return;
    process.stderr.write(`${args.node} is lost: it has ${status} free places when it is back\n`);
  }
}
