import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { formatHints, formatLinks, formatRoutes, formatTableHead } from '../cli/format-routes.ts';
import { printLine, printRecord, stdoutDrained } from '../cli/output.ts';
import { wordArg } from '../cli/words.ts';
import type { NamedHint } from '../client/hints.ts';
import type { StreamRecord } from '../client/record-stream.ts';
import { DagentError } from '../protocol/errors.ts';

/** Routes that are shown to people who do not say how many. */
const LIMIT_DEFAULT = 200;

export default class Route extends DagentCommand {
  static override summary = 'Show the tables of a node: where it sends what';
  static override description = [
    'The next hop to each node, how many hops there are, and the ways that are not taken: one',
    'that is "not yet" would have to be newer, so that no circle can form. What has no route',
    'goes by the default route, up. Fields of --where: node, role, parent, state, via, reach,',
    'metric, others.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> route',
    '<%= config.bin %> route east',
    "<%= config.bin %> route hq --where 'node=web* and metric>2' --limit 20",
    '<%= config.bin %> route hq --json | jq -r \'select(.state == "lost") | .node\'',
  ];
  static override args = {
    node: wordArg({ description: 'The node; the daemon that we talk to otherwise' }),
  };
  static override flags = {
    where: Flags.string({ helpValue: 'EXPR', description: 'Only routes of which this is true' }),
    limit: Flags.integer({
      helpValue: 'N',
      min: 0,
      description: `Show so many routes (${LIMIT_DEFAULT}; with --json all)`,
    }),
    json: Flags.boolean({ description: 'Print NDJSON: table, link, route, hint, summary' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Route);
    const limit = flags.limit ?? (flags.json ? undefined : LIMIT_DEFAULT);
    const wish = { expression: flags.where ?? '', ...(limit === undefined ? {} : { limit }) };
    await this.withClient(flags, async (client) => {
      const { openRecordStream } = await import('../client/record-stream.ts');
      const { explainUnreachable } = await import('../client/targets.ts');
      const node = args.node ?? client.node;
      const records: StreamRecord[] = [];
      const onRecord = (record: StreamRecord): void => {
        // Names are put to remembered ways at the end.
        if (flags.json && record.type !== 'hint') printRecord(record);
        else records.push(record);
      };
      const sink = { onRecord, drained: stdoutDrained };
      const call = { method: 'route.list', args: [wish] };
      try {
        const summary = await openRecordStream(client, `${node}:`, call, sink).over;
        const { nameHints } = await import('../client/hints.ts');
        const hints = await nameHints(
          client,
          records.filter(({ type }) => type === 'hint'),
        );
        if (flags.json) {
          for (const record of [...hints, { type: 'summary', ...(summary as object) }]) {
            printRecord(record);
          }
        } else {
          this.print(records, hints, (summary ?? {}) as StreamRecord);
        }
      } catch (error) {
        const isUnknown = error instanceof DagentError && error.code === 'E_UNREACHABLE';
        throw (isUnknown ? await explainUnreachable(client, node) : undefined) ?? error;
      }
    });
  }

  private print(
    records: readonly StreamRecord[],
    hints: readonly NamedHint[],
    summary: StreamRecord,
  ): void {
    const of = (type: string): StreamRecord[] => records.filter((each) => each.type === type);
    const [routes, links] = [of('route'), of('link')];
    for (const table of of('table')) printLine(formatTableHead(table));
    if (links.length > 0) printLine(`\n${formatLinks(links)}`);
    if (hints.length > 0) printLine(`\n${formatHints(hints)}`);
    if (routes.length > 0) printLine(`\n${formatRoutes(routes)}`);
    const more = Number(summary.matched) - Number(summary.shown);
    if (more > 0)
      process.stderr.write(
        `${more.toLocaleString('en')} more routes: say --limit, or choose with --where\n`,
      );
  }
}
