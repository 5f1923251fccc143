import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { askEach, findNodes, groupJobs } from '../../cli/job-nodes.ts';
import { tellUnanswered } from '../../cli/job-orders.ts';
import { JOB_COLUMNS, jobRow } from '../../cli/job-table.ts';
import { printLine, printRecord } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { targetFlags } from '../../cli/target-flags.ts';
import { wordArg, wordsOf } from '../../cli/words.ts';
import { listJobs } from '../../client/jobs.ts';
import type { JobState } from '../../protocol/job.ts';

export default class JobLs extends DagentCommand {
  static override summary = 'List jobs: commands that go on without who started them';
  static override description = [
    'Of all nodes, or of TARGET. A job that ran on several nodes is one line. Nodes forget a job',
    'a week after its end. With --all also what runs under an exec that waits for it, or has ended',
    'there within the last hour, and what is kept for a day of output that --max-output has cut.',
  ].join(' ');
  static override usage = 'job ls [TARGET] [FLAG...]';
  static override examples = [
    '<%= config.bin %> job ls',
    "<%= config.bin %> job ls 'web*' --running",
    '<%= config.bin %> job ls --all --running',
    '<%= config.bin %> job ls --json | jq -r \'select(.result.verdict == "failed") | .node\'',
  ];
  static override strict = false;
  static override args = { target: wordArg({ description: 'Nodes; all otherwise' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'Also commands of exec that are no jobs' }),
    running: Flags.boolean({ description: 'Only those that run', exclusive: ['ended'] }),
    ended: Flags.boolean({ description: 'Only those that have ended' }),
    json: Flags.boolean({ description: 'Print NDJSON, a record for each job on each node' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(JobLs);
    const state: JobState | undefined = flags.running
      ? 'running'
      : flags.ended
        ? 'ended'
        : undefined;
    const filter = state === undefined ? {} : { state };
    const asked = await this.withClient(flags, async (client) => {
      const names = await findNodes(client, wordsOf(raw), flags);
      return askEach(names, (target) => listJobs(client, target, filter));
    });
    const records = asked.answers.flatMap(({ value }) => value);
    const groups = groupJobs(records.filter(({ isExec }) => flags.all || !isExec));
    const nowMs = Date.now();
    if (flags.json) {
      for (const record of groups.flat()) printRecord(record);
    } else if (groups.length > 0) {
      printLine(
        formatTable(
          JOB_COLUMNS,
          groups.map((group) => jobRow(group, nowMs)),
        ),
      );
    } else if (asked.answers.length > 0) {
      process.stderr.write('no jobs\n');
    }
    process.exitCode = tellUnanswered(asked) || process.exitCode || 0;
  }
}
