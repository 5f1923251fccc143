import * as Flags from '@oclif/core/flags';
import { toText } from '../base/text.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { tellCutOff } from '../cli/cut-off.ts';
import { createEnding } from '../cli/ending.ts';
import { formatEvent } from '../cli/format-event.ts';
import { askNamed, checkNodeName } from '../cli/named-node.ts';
import { printLine, printRecord, stdoutDrained } from '../cli/output.ts';
import { wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import type { StreamRecord } from '../client/record-stream.ts';

export default class Events extends DagentCommand {
  static override summary = 'Follow what happens to nodes, services and links';
  static override description = [
    'As the top of the tree hears of it, or --node. EXPR chooses there what is shown:',
    'FIELD=PATTERN with * and ?, FIELD!=PATTERN, flaps>2, joined by and, or, not and ( ).',
    'Fields: event, node, parent, peer, service, code, url, flaps, flag, priority. Events:',
    'node-up, node-lost, node-left, node-forgotten, node-moved, node-restarted, node-changed,',
    'service-up, service-down, link-up, link-down, link-failed, link-refused, joined, evicted,',
    'flag-raised, flag-changed, flag-cleared, flag-lowered.',
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
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Events);
    checkNodeName('--node', flags.node);
    const wish = { expression: wordsOf(raw).join(' '), sinceMs: flags.since ?? 0 };
    await this.withClient(flags, async (client) => {
      const { openRecordStream } = await import('../client/record-stream.ts');
      const to = await this.findNode(client, flags.node);
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
      const call = { method: 'events.open', args: [wish] };
      const stream = openRecordStream(client, to, call, { onRecord, drained: stdoutDrained });
      await askNamed(client, flags.node, () => Promise.race([stream.over, ending.over]));
    });
  }

  private async findNode(client: Client, node: string | undefined): Promise<string> {
    if (node !== undefined) return `${node}:`;
    const { findTop } = await import('../client/tree.ts');
    return findTop(client);
  }

  private print(record: StreamRecord, isJson: boolean): void {
    if (isJson) printRecord(record);
    else if (record.type === 'event') printLine(formatEvent(record));
    else if (record.type === 'missed') process.stderr.write(`${record.count} events missed\n`);
    else if (process.stderr.isTTY) process.stderr.write(`events of ${record.node}; Ctrl-C ends\n`);
  }
}
