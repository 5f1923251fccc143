import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag } from '../../cli/base.ts';
import { outputFlags, readView } from '../../cli/exec-flags.ts';
import { findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { readJob } from '../../cli/job-reading.ts';
import { awaiting, reconnectFlag } from '../../cli/reconnecting.ts';
import type { Client } from '../../client/client.ts';

export default class JobOutput extends DagentCommand {
  static override summary = 'Print what a job has written, also after its end';
  static override description = [
    'stdout to stdout, stderr to stderr; of several nodes with their names in front. Which of the',
    'two came first is known to a second only, but for exec --merge.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> job output 3f9a0c51d2e87b6604aa',
    '<%= config.bin %> job output 3f9a0c51d2e87b6604aa --on web3 -f --since 10m',
  ];
  static override args = { job: jobArg };
  static override flags = {
    follow: Flags.boolean({
      char: 'f',
      description: 'Go on until it has ended, and end as job attach does',
    }),
    since: durationFlag({ description: 'Only what was written since so long ago, such as 10m' }),
    'max-output': outputFlags['max-output'],
    raw: outputFlags.raw,
    json: outputFlags.json,
    ...reconnectFlag,
    ...oneJobFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobOutput);
    const isFollowing = flags.follow === true;
    const use = async (client: Client): Promise<number> => {
      const job = await findJob(client, args.job, flags);
      return readJob(client, job, {
        view: readView(flags),
        isFollowing,
        lastMs: flags.since,
        exit: 'auto',
        home: flags.home,
      });
    };
    const more = awaiting(isFollowing && !flags['no-reconnect'], (text) => this.complain(text));
    process.exitCode = await this.withClient(flags, use, more);
  }
}
