import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { createEnding } from '../cli/ending.ts';
import { withoutName } from '../cli/own-name.ts';
import { runSniff } from '../cli/sniff-run.ts';
import { readTargets, resolveWanted, targetFlags } from '../cli/target-flags.ts';
import { wordsOf } from '../cli/words.ts';

const NO_OTHERS = 'nodes that join from now on are not looked at';

export default class Sniff extends DagentCommand {
  static override summary = 'Watch the envelopes that pass a node';
  static override description = [
    'EXPR chooses at the node what is shown: FIELD=PATTERN with * and ?, FIELD!=PATTERN,',
    'size>10k, joined by and, or, not and ( ). Fields: from, to, node, service, kind, cmd,',
    'topic, size, in, out, outcome, id. More than --rate a second are not shown, and counted.',
  ].join(' ');
  static override usage = '<%= command.id %> [EXPR] [FLAG...]';
  static override examples = [
    '<%= config.bin %> sniff',
    "<%= config.bin %> sniff 'to=web* and kind=request' --payload",
    "<%= config.bin %> sniff --node web1 'service=orders or outcome=E_*' --for 10s",
    "<%= config.bin %> sniff --all --match-replies 'cmd=NEW' --json",
  ];
  static override strict = false;
  static override flags = {
    node: Flags.string({
      helpValue: 'TARGET',
      description: 'Nodes to look at; the daemon that we talk to otherwise',
      exclusive: ['all'],
    }),
    all: Flags.boolean({ description: 'Look at all nodes, also those that join' }),
    where: targetFlags.where,
    count: Flags.integer({ char: 'c', helpValue: 'N', min: 1, description: 'End after so many' }),
    for: durationFlag({ description: 'End after this time' }),
    rate: Flags.integer({
      helpValue: 'N',
      min: 1,
      default: 200,
      description: 'Show so many a second of a node',
    }),
    payload: Flags.boolean({ description: 'Show the data, its first 1024 bytes' }),
    'match-replies': Flags.boolean({
      description: 'Show requests with their outcomes and how long that took',
    }),
    json: Flags.boolean({ description: 'Print NDJSON: frame, exchange, skipped, summary' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Sniff);
    const expression = wordsOf(raw).join(' ');
    const isAll = flags.all || (flags.where !== undefined && flags.node === undefined);
    const selector = isAll ? '*' : flags.node;
    const wanted = selector === undefined ? undefined : await readTargets([selector], flags);
    await this.withClient(flags, async (client) => {
      const { explainUnreachable } = await import('../client/targets.ts');
      const targets = wanted === undefined ? undefined : await resolveWanted(client, wanted);
      const nodes = targets?.names ?? [client.node];
      const isGrowing = isAll && flags.where === undefined;
      if (isAll && !isGrowing) this.complain(`${NO_OTHERS}, whether they meet --where or not`);
      const wish = {
        expression,
        data: flags.payload,
        match: flags['match-replies'],
        rate: flags.rate,
      };
      const errors = await runSniff(client, {
        nodes,
        isGrowing,
        wish,
        count: flags.count ?? Number.POSITIVE_INFINITY,
        isJson: flags.json,
        ending: createEnding(flags.for),
        onStay: ({ message, code }) => this.complain(`${NO_OTHERS}: ${message} (${code})`),
      });
      for (const { node, error } of errors) {
        if (nodes.length === 1) {
          const isUnknown = error.code === 'E_UNREACHABLE';
          throw (isUnknown ? await explainUnreachable(client, node) : undefined) ?? error;
        }
        process.exitCode = error.exit;
        this.complain(`${node}: ${withoutName(error.message, node)}`);
      }
    });
  }
}
