import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { createEnding } from '../cli/ending.ts';
import { formatEvent, toEventRecord } from '../cli/format-message.ts';
import { createPace, printLine, printRecord } from '../cli/output.ts';
import { awaiting, reconnectFlag } from '../cli/reconnecting.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';

export default class Subscribe extends DagentCommand {
  static override summary = 'Print the events of some topics';
  static override description = [
    'In a pattern, * stands for one word of a topic, and > at its end for one or more. Each event',
    'is printed once. Who does not keep up, or does not read stdout, misses some. When the daemon',
    'is gone, or does not answer, it waits until that is back, and says so on stderr; what is',
    'published meanwhile is missed.',
  ].join(' ');
  static override examples = [
    "<%= config.bin %> subscribe 'orders.*.paid'",
    "<%= config.bin %> subscribe 'orders.>' 'bills.>' --json | jq -r .params.id",
    "<%= config.bin %> subscribe '>' --for 10s",
  ];
  static override strict = false;
  static override args = {
    pattern: wordArg({ required: true, description: 'One or more: orders.eu.paid, orders.>' }),
  };
  static override flags = {
    count: Flags.integer({
      char: 'c',
      helpValue: 'N',
      min: 1,
      description: 'End after so many events',
    }),
    for: durationFlag({ description: 'End after so long' }),
    json: Flags.boolean({ description: 'Print NDJSON: sn, topic, from, params, data, at' }),
    ...reconnectFlag,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Subscribe);
    const ending = createEnding(flags.for);
    const use = async (client: Client): Promise<void> => {
      const queue = await client.subscribe(wordsOf(raw));
      if (process.stderr.isTTY) process.stderr.write(`subscribed at ${client.node}\n`);
      void ending.over.then(() => queue.end());
      const pace = createPace(ending.over);
      let count = 0;
      for await (const { message } of queue) {
        if (flags.json) printRecord(toEventRecord(message, new Date().toISOString()));
        else printLine(formatEvent(message));
        count++;
        if (count === flags.count) break;
        await pace();
      }
    };
    const more = awaiting(!flags['no-reconnect'], (text) => this.complain(text));
    await this.withClient(flags, use, more);
  }
}
