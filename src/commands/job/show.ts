import * as Flags from '@oclif/core/flags';
import { escapeForTerminal } from '../../base/escape.ts';
import { DagentCommand } from '../../cli/base.ts';
import { askJob, findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { tellUnanswered } from '../../cli/job-orders.ts';
import { formatJob } from '../../cli/job-table.ts';
import { printLine, printRecord } from '../../cli/output.ts';
import { showJob } from '../../client/jobs.ts';

export default class JobShow extends DagentCommand {
  static override summary = 'Show a job: what it runs, how it is or how it ended, node by node';
  static override examples = [
    '<%= config.bin %> job show 3f9a0c51d2e87b6604aa',
    '<%= config.bin %> job show 3f9a0c51d2e87b6604aa --json | jq -r .result.code',
  ];
  static override args = { job: jobArg };
  static override flags = {
    json: Flags.boolean({ description: 'Print NDJSON, a record for each node' }),
    ...oneJobFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobShow);
    const asked = await this.withClient(flags, async (client) => {
      const job = await findJob(client, args.job, flags);
      return askJob(job, (target) => showJob(client, target, job.id));
    });
    const records = asked.answers.map(({ value }) => value).sort((a, b) => a.rank - b.rank);
    if (flags.json) {
      for (const record of records) printRecord(record);
    } else {
      const [first] = records;
      const head = first === undefined ? [] : [`job ${first.id}: ${first.command}`];
      const text = [...head, ...records.map(formatJob)].join('\n');
      if (text !== '') printLine(escapeForTerminal(text));
    }
    process.exitCode = tellUnanswered(asked);
  }
}
