import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { formatMessage, toLetterRecord, toRecord } from '../cli/format-message.ts';
import { printLine, printRecord, stdoutDrained } from '../cli/output.ts';
import { onPipeClosed } from '../cli/pipe.ts';
import { wordArg } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import type { Received } from '../client/message-queue.ts';
import type { DagentError } from '../protocol/errors.ts';

export default class Listen extends DagentCommand {
  static override summary = 'Register a service and print what comes to it';
  static override description = [
    'With --reply, each message runs a shell command: its data on stdin, what it is in',
    'DAGENT_FROM, DAGENT_COMMAND and DAGENT_PARAM_name. What the command prints answers a',
    'request; a status that is not 0 rejects it. With --durable it takes the durable messages of',
    'the service, also those that came while nobody had it; each is done with when its line is',
    'written. Other messages are refused then.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> listen printer',
    "<%= config.bin %> listen orders --json | jq -r '.params.id'",
    "<%= config.bin %> listen upper --reply 'tr a-z A-Z'",
    '<%= config.bin %> listen orders --durable --count 10 --json',
  ];
  static override args = {
    service: wordArg({ required: true, description: 'Name to register' }),
  };
  static override flags = {
    count: Flags.integer({
      char: 'c',
      helpValue: 'N',
      min: 1,
      description: 'End after so many messages',
    }),
    reply: Flags.string({
      helpValue: 'SHELL',
      description: 'Run this with each message, answer with its output',
    }),
    durable: Flags.boolean({
      description: 'Take durable messages; what is not done comes again',
      exclusive: ['reply'],
    }),
    json: Flags.boolean({ description: 'Print NDJSON: sn, from, to, command, params, data, at' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Listen);
    await this.withClient(flags, async (client) => {
      if (flags.durable) return this.listenDurably(client, args.service, flags);
      const queue = await client.listen(args.service);
      if (process.stderr.isTTY)
        process.stderr.write(`listening as ${client.node}:${args.service}\n`);
      const end = (): void => queue.end();
      onPipeClosed(end);
      process.once('SIGINT', end);
      process.once('SIGTERM', end);
      let count = 0;
      for await (const received of queue) {
        const at = new Date().toISOString();
        if (flags.json) printRecord(toRecord(received.message, at));
        else printLine(formatMessage(received.message));
        await this.answer(received, flags.reply);
        count++;
        if (count === flags.count) break;
      }
    });
  }

  private async listenDurably(
    client: Client,
    service: string,
    { count: countMax, json }: { count?: number | undefined; json: boolean },
  ): Promise<void> {
    const queue = await client.consume(service);
    const end = (): void => queue.end();
    onPipeClosed(end);
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    let count = 0;
    let acked: Promise<unknown> = Promise.resolve();
    for await (const letter of queue) {
      const at = new Date().toISOString();
      if (json) printRecord(toLetterRecord(letter, `${client.node}:${service}`, at));
      else printLine(formatMessage(letter));
      await stdoutDrained();
      // Those that come meanwhile are acked together.
      acked = letter.ack();
      acked.catch((error: DagentError) => queue.end(error));
      count++;
      if (count === countMax) break;
    }
    await acked;
  }

  /** A request must have its one outcome, also when nobody here has anything to say. */
  private async answer(received: Received, shell: string | undefined): Promise<void> {
    const { exchange, message } = received;
    if (shell !== undefined) {
      const { replyWithShell } = await import('../cli/shell-reply.ts');
      await replyWithShell(shell, received);
    } else if (exchange !== undefined) {
      const values = { service: message.to, command: message.command };
      exchange.reject({ code: 'E_NOT_UNDERSTOOD', values });
    }
  }
}
