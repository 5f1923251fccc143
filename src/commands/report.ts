import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { askNamed, checkNodeName } from '../cli/named-node.ts';
import { reportLines } from '../cli/report-lines.ts';
import { wordArg } from '../cli/words.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';

/** Time that the node has to take it. */
const PUT_MS_DEFAULT = 5_000;

function readValue(text: string): number {
  // As people write numbers: Number() would read 0x10, and nothing as 0.
  const isNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
  if (isNumber && Number.isFinite(Number(text))) return Number(text);
  throw new DagentError('E_USAGE', { reason: `VALUE is a number, not ${JSON.stringify(text)}` });
}

export default class Report extends DagentCommand {
  static override summary = 'Report a value: a counter, a gauge or a timing';
  static override description = [
    'A counter, unless said otherwise: VALUE is added to it. A gauge is a level, of which the last',
    'one counts; a timing is a duration, of which there are percentiles. The node keeps them in',
    'memory; a name keeps the kind and the unit that it was first reported with. See them with',
    'dagent metrics.',
  ].join(' ');
  static override usage = '<%= command.id %> NAME VALUE [FLAG...]';
  static override examples = [
    '<%= config.bin %> report orders.paid 3',
    '<%= config.bin %> report queue.depth 17 --gauge --unit orders',
    '<%= config.bin %> report backup.took 81.5 --timing --unit s --at web1',
    {
      description: 'One report to a line: {"name", "value", "kind", "unit"}',
      command: '$ jq -c . reports.ndjson | <%= config.bin %> report --stdin',
    },
  ];
  static override args = {
    name: wordArg({ description: 'Letters, digits, _ . -, as in orders.paid' }),
    value: wordArg({ description: 'A number; behind -- where it begins with a minus' }),
  };
  static override flags = {
    counter: Flags.boolean({
      exclusive: ['gauge', 'timing'],
      description: 'Add VALUE up; this is the default',
    }),
    gauge: Flags.boolean({ exclusive: ['timing'], description: 'VALUE is how it is now' }),
    timing: Flags.boolean({ description: 'VALUE is how long it took' }),
    unit: Flags.string({ helpValue: 'TEXT', description: 'Unit of VALUE: ms, bytes, orders' }),
    stdin: Flags.boolean({ description: 'Take reports from stdin, as lines of JSON' }),
    at: Flags.string({ helpValue: 'NODE', description: 'Node that keeps it; this one otherwise' }),
    timeout: durationFlag({ description: 'How long the node may take (5s)' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Report);
    const { name, value } = args;
    const { unit, at, stdin, timeout: timeoutMs = PUT_MS_DEFAULT } = flags;
    const isOne = name !== undefined && value !== undefined;
    if (stdin ? name !== undefined : !isOne) {
      throw new DagentError('E_USAGE', { reason: 'NAME and VALUE are needed, or --stdin' });
    }
    checkNodeName('--at', at);
    const kind = flags.gauge ? 'gauge' : flags.timing ? 'timing' : 'counter';
    await this.withClient(flags, async (client) => {
      const put = (reports: readonly unknown[]): Promise<unknown> =>
        askNamed(client, at, () =>
          client.call(`${at ?? client.node}:`, 'report.put', reports, { timeoutMs }),
        );
      if (stdin) {
        const failedCount = await reportLines(process.stdin, put, (line, error) =>
          this.complain(`line ${line}: ${error.message} (${error.code})`),
        );
        if (failedCount > 0) process.exitCode = 1;
        return;
      }
      const report = { name, value: readValue(value ?? ''), kind, unit };
      const [outcome] = (await put([report])) as unknown[];
      if (outcome !== null) throw errorFromData(outcome);
    });
  }
}
