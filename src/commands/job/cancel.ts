import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { formatSummary } from '../../cli/exec-summary.ts';
import { askJob, findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { failuresOf, printResults, resultsOf, verdictOnMissing } from '../../cli/job-orders.ts';
import { statusOfMany } from '../../client/exec-status.ts';
import { cancelJob } from '../../client/jobs.ts';
import { foldNames } from '../../protocol/node-set.ts';

export default class JobCancel extends DagentCommand {
  static override summary = 'End a job on all of its nodes, with all that it has started';
  static override description = [
    'TERM to its process group and to what has left that, and KILL to what is left after its',
    '--grace. Returns when all is gone, and says how. What had ended before keeps its verdict.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> job cancel 3f9a0c51d2e87b6604aa',
    '<%= config.bin %> job cancel 3f9a0c51d2e87b6604aa --on web3 --reason "wrong disk"',
  ];
  static override args = { job: jobArg };
  static override flags = {
    reason: Flags.string({ helpValue: 'TEXT', description: 'Is told with its verdict' }),
    json: Flags.boolean({ description: 'Print NDJSON, a result for each node' }),
    ...oneJobFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobCancel);
    await this.withClient(flags, async (client) => {
      const job = await findJob(client, args.job, flags);
      const { id } = job;
      const asked = await askJob(job, (name) => cancelJob(client, name, id, flags.reason));
      const results = resultsOf(asked);
      const over = asked.answers.filter(({ value }) => value.result?.verdict !== 'cancelled');
      if (over.length > 0) {
        const where = foldNames(over.map(({ target }) => target));
        process.stderr.write(`dagent: it had ended before on ${where}\n`);
      }
      if (flags.json) printResults(id, results);
      else process.stderr.write(`${formatSummary(results)}\n`);
      process.exitCode = statusOfMany([...failuresOf(asked), ...verdictOnMissing(job)]);
    });
  }
}
