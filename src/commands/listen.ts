import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { createEnding, type Ending } from '../cli/ending.ts';
import { formatMessage, toLetterRecord, toRecord } from '../cli/format-message.ts';
import { createPace, printLine, printRecord, writeLine } from '../cli/output.ts';
import { awaiting, reconnectFlag } from '../cli/reconnecting.ts';
import { wordArg } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import type { Received } from '../client/message-queue.ts';

type Replier = (received: Received) => Promise<void>;

export default class Listen extends DagentCommand {
  static override summary = 'Register a service and print what comes to it';
  static override description = [
    'With --reply, each message runs a shell command: its data on stdin, what it is in',
    'DAGENT_FROM, DAGENT_COMMAND and DAGENT_PARAM_name. What the command prints answers a',
    'request; a status that is not 0 rejects it. One runs at a time, in the order in which they',
    'came. A request that is cancelled, or whose time is over, ends its command (TERM to its',
    'process group, KILL 5 s later), and is not begun while it waits; so does the end of listen.',
    'With --durable it takes the durable messages of',
    'the service, also those that came while nobody had it; each is done with when its line is',
    'written, and not printed again although this command is killed right then. Other messages',
    'are printed too; nothing brings those again. When the daemon is gone, or does not answer, it',
    'waits until that is back, and says so on stderr. It takes no more than what reads its stdout',
    'does: senders on its node wait then, others are told E_DROPPED.',
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
    ...reconnectFlag,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Listen);
    const { service } = args;
    const ending = createEnding();
    const use = async (client: Client): Promise<void> => {
      if (flags.durable) return this.listenDurably(client, service, flags, ending);
      const queue = await client.listen(service);
      if (process.stderr.isTTY) process.stderr.write(`listening as ${client.node}:${service}\n`);
      void ending.over.then(() => queue.end());
      const reply = await this.replier(flags.reply, ending);
      const pace = createPace(ending.over);
      let count = 0;
      for await (const received of queue) {
        await this.show(received, { json: flags.json, reply });
        count++;
        if (count === flags.count) break;
        await pace();
      }
    };
    const more = awaiting(!flags['no-reconnect'], (text) => this.complain(text));
    await this.withClient(flags, use, more);
  }

  /** Prints a message, and answers it when it is a request. */
  private async show(
    received: Received,
    { json, reply }: { json: boolean; reply?: Replier | undefined },
  ): Promise<void> {
    const at = new Date().toISOString();
    if (json) printRecord(toRecord(received.message, at));
    else printLine(formatMessage(received.message));
    // A request must have its one outcome, also when nobody here has anything to say.
    const { exchange, message } = received;
    const values = { service: message.to, command: message.command };
    if (reply !== undefined) await reply(received);
    else exchange?.reject({ code: 'E_NOT_UNDERSTOOD', values });
  }

  /** What is durable, and what else comes to the service: that is printed too, and not acked. */
  private async listenDurably(
    client: Client,
    service: string,
    { count, json }: { count?: number | undefined; json: boolean },
    ending: Ending,
  ): Promise<void> {
    const queue = await client.consume(service, { plain: true });
    void ending.over.then(() => queue.end());
    const pace = createPace(ending.over);
    let left = count ?? Number.POSITIVE_INFINITY;
    const printPlain = async (): Promise<void> => {
      for await (const received of queue.plain ?? []) {
        left--;
        await this.show(received, { json });
        if (left <= 0) break;
        await pace();
      }
      queue.end();
    };
    const printDurable = async (): Promise<void> => {
      let acked: Promise<unknown> = Promise.resolve();
      for await (const letter of queue) {
        left--;
        const at = new Date().toISOString();
        const record = () => toLetterRecord(letter, `${client.node}:${service}`, at);
        const isWritten = await writeLine(json ? JSON.stringify(record()) : formatMessage(letter));
        // It was not printed: it is not done, and whoever listens next has it.
        if (!isWritten) break;
        // Those that come meanwhile are acked together.
        acked = letter.ack();
        if (left <= 0) break;
      }
      queue.end();
      await acked;
    };
    await Promise.all([printPlain(), printDurable()]);
  }

  /** What answers with a shell command, until the end of ours ends that too. */
  private async replier(shell: string | undefined, ending: Ending): Promise<Replier | undefined> {
    if (shell === undefined) return undefined;
    const { replyWithShell } = await import('../cli/shell-reply.ts');
    const over = new AbortController();
    void ending.over.then(() => over.abort());
    // It has a group of its own: a terminal tells us only, and we stay until it has ended.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ending.end);
    return (received) => replyWithShell(shell, received, over.signal);
  }
}
