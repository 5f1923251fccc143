import * as Flags from '@oclif/core/flags';
import { toText } from '../base/text.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { tellCutOff } from '../cli/cut-off.ts';
import { createEnding } from '../cli/ending.ts';
import { formatEvent } from '../cli/format-event.ts';
import { askNamed, checkNodeName } from '../cli/named-node.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { awaiting, reconnectFlag } from '../cli/reconnecting.ts';
import { wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import type { StreamRecord } from '../client/record-stream.ts';
import type { DagentError } from '../protocol/errors.ts';

export default class Events extends DagentCommand {
  static override summary = 'Follow what happens to nodes, services and links';
  static override description = [
    'As the top of the tree hears of it, or --node. EXPR chooses there what is shown:',
    'FIELD=PATTERN with * and ?, FIELD!=PATTERN, flaps>2, joined by and, or, not and ( ).',
    'Fields: event, node, parent, peer, service, code, url, flaps, flag, priority. Events:',
    'node-up, node-lost, node-left, node-forgotten, node-moved, node-restarted, node-changed,',
    'service-up, service-down, link-up, link-down, link-failed, link-refused, joined, evicted,',
    'flag-raised, flag-changed, flag-cleared, flag-lowered. When the daemon, or who tells of them,',
    'is gone, it waits until that is back, says so on stderr, and goes on with what it can still',
    'hear of the time between.',
  ].join(' ');
  static override usage = '<%= command.id %> [EXPR] [FLAG...]';
  static override examples = [
    '<%= config.bin %> events',
    "<%= config.bin %> events 'node=web* and event=node-lost' --since 10m",
    '<%= config.bin %> events --node web1 event=link-* --json',
    "<%= config.bin %> events 'event=service-up and service=orders' --count 1 --for 1m",
  ];
  static override strict = false;
  static override flags = {
    node: Flags.string({ helpValue: 'NODE', description: 'As this node hears of it' }),
    since: durationFlag({
      description: 'Begin with those of so long ago, such as 10m, as far as they are known',
    }),
    for: durationFlag({ description: 'End after this time' }),
    count: Flags.integer({ char: 'c', helpValue: 'N', min: 1, description: 'End after so many' }),
    json: Flags.boolean({ description: 'Print NDJSON: open, event, missed' }),
    ...reconnectFlag,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Events);
    checkNodeName('--node', flags.node);
    const ending = createEnding(flags.for);
    let count = 0;
    const onRecord = (record: StreamRecord): void => {
      if (ending.isOver) return;
      // Who names a node asks for no more than that one hears.
      if (record.isCutOff === true && flags.node === undefined) tellCutOff(toText(record.node));
      this.print(record, flags.json);
      if (record.type === 'event') count++;
      if (count === flags.count) ending.end();
    };
    const run = {
      node: flags.node,
      expression: wordsOf(raw).join(' '),
      sinceMs: flags.since ?? 0,
      isComingBack: !flags['no-reconnect'],
      ending,
      onRecord,
      onAway: ({ message, code }: DagentError) =>
        this.complain(`${message} (${code}); waiting for it`),
    };
    const use = async (client: Client): Promise<void> => {
      const { runEvents } = await import('../cli/events-run.ts');
      await askNamed(client, flags.node, () => runEvents(client, run));
    };
    await this.withClient(
      flags,
      use,
      awaiting(run.isComingBack, (text) => this.complain(text)),
    );
  }

  private print(record: StreamRecord, isJson: boolean): void {
    if (isJson) printRecord(record);
    else if (record.type === 'event') printLine(formatEvent(record));
    else if (record.type === 'missed') process.stderr.write(`${record.count} events missed\n`);
    else if (process.stderr.isTTY) process.stderr.write(`events of ${record.node}; Ctrl-C ends\n`);
  }
}
