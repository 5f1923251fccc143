import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { printRecord } from '../cli/output.ts';
import { parseParams } from '../cli/params.ts';
import { readData } from '../cli/reader.ts';
import { untilTaken } from '../cli/taken.ts';
import { wordArg, wordsOf } from '../cli/words.ts';

/** Time in which the daemon must have taken it, in milliseconds. */
const TAKE_MS_DEFAULT = 5_000;

export default class Publish extends DagentCommand {
  static override summary = 'Publish an event to all who subscribed to its topic';
  static override description = [
    'A topic is words with dots between. Ends with 0 when the daemon has the event; nothing tells',
    'who got it, or whether anybody did.',
  ].join(' ');
  static override usage = '<%= command.id %> TOPIC [NAME=VALUE...] [FLAG...]';
  static override examples = [
    '<%= config.bin %> publish orders.eu.paid id=17',
    '$ jq -c . order.json | <%= config.bin %> publish orders.eu.new --data -',
  ];
  static override strict = false;
  static override args = {
    topic: wordArg({ required: true, description: 'Words with dots between: orders.eu.paid' }),
  };
  static override flags = {
    data: Flags.string({ helpValue: 'FILE|-', description: 'Data that goes along' }),
    timeout: durationFlag({ description: 'How long the daemon may take (5s)' }),
    json: Flags.boolean({ description: 'Print a record: topic, takenBy' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, raw, flags } = await this.parse(Publish);
    const params = parseParams(wordsOf(raw).slice(1));
    const data = await readData(flags.data);
    await this.withClient(flags, async (client) => {
      client.publish(args.topic, { params, data });
      await untilTaken(client, flags.timeout ?? TAKE_MS_DEFAULT);
      if (flags.json) printRecord({ topic: args.topic, takenBy: client.node });
    });
  }
}
