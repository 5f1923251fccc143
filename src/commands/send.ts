import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { printRecord } from '../cli/output.ts';
import { parseParams } from '../cli/params.ts';
import { readData } from '../cli/reader.ts';
import { untilTaken } from '../cli/taken.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import { parseBroadcast } from '../protocol/address.ts';

/** Time in which a message must be in its receiver's hands, in milliseconds. */
const DELIVER_MS_DEFAULT = 5_000;

export default class Send extends DagentCommand {
  static override summary = 'Send a message to a service, or to many';
  static override description = [
    'Ends with 0 when the receiver has it; otherwise says where it ended and why. With',
    '--request it waits for the answer: its data on stdout. To many goes what is sent to . (all',
    'services of this node), ? (of this realm), * (of neighbouring realms too), or *:SERVICE;',
    'it ends with 0 when the daemon has it, and nothing tells who got it.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> send web1:printer PRINT copies=2 page=A4',
    'cat report.pdf | <%= config.bin %> send printer PRINT --data -',
    '<%= config.bin %> send clock TIME --request',
    "<%= config.bin %> send '*:cache' FLUSH",
  ];
  static override strict = false;
  static override args = {
    address: wordArg({
      required: true,
      description: 'NODE:SERVICE, SERVICE for the nearest, or . ? * *:SERVICE for many',
    }),
    command: wordArg({ required: true, description: 'What to do, by convention in capitals' }),
  };
  static override flags = {
    request: Flags.boolean({ description: 'Wait for the answer and print its data' }),
    data: Flags.string({ helpValue: 'FILE|-', description: 'Data that goes along' }),
    timeout: durationFlag({ description: 'How long it may take (5s; with --request 30s)' }),
    json: Flags.boolean({ description: 'Print the answer, or who took it for many, as a record' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, raw, flags } = await this.parse(Send);
    const params = parseParams(wordsOf(raw).slice(2));
    const data = await readData(flags.data);
    await this.withClient(flags, async (client) => {
      const timeoutMs = flags.timeout ?? DELIVER_MS_DEFAULT;
      if (!flags.request && parseBroadcast(args.address) !== undefined) {
        client.send(args.address, args.command, { params, data });
        await untilTaken(client, timeoutMs);
        if (flags.json) printRecord({ to: args.address, takenBy: client.node });
        return;
      }
      if (!flags.request) {
        await client.deliver(args.address, args.command, { params, data, timeoutMs });
        return;
      }
      const options = { params, data, timeoutMs: flags.timeout };
      const reply = await client.request(args.address, args.command, options);
      if (flags.json) {
        const { command, params: answered } = reply;
        printRecord({ command, params: answered, data: reply.data.toString('utf8') });
      } else {
        process.stdout.write(reply.data);
      }
    });
  }
}
