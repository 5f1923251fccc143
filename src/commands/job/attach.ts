import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { outputFlags, readView } from '../../cli/exec-flags.ts';
import { findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { readJob } from '../../cli/job-reading.ts';
import { awaiting, reconnectFlag } from '../../cli/reconnecting.ts';
import type { Client } from '../../client/client.ts';
import { EXIT_MODES } from '../../client/exec-status.ts';

export default class JobAttach extends DagentCommand {
  static override summary = 'Watch a job as if it had been started here';
  static override description = [
    'Its output so far, then what comes, then its verdicts, with the exit status that exec would',
    'have had. Ctrl-C leaves it, and the job goes on. When a node of it, or our own daemon, is',
    'away, it waits until that is back, for two minutes, and goes on where it was.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> job attach 3f9a0c51d2e87b6604aa',
    '<%= config.bin %> job attach 3f9a0c51d2e87b6604aa --group',
  ];
  static override args = { job: jobArg };
  static override flags = {
    exit: Flags.option({
      options: EXIT_MODES,
      description: 'How the verdicts become our exit status: see dagent help exit-codes',
    })(),
    ...outputFlags,
    ...reconnectFlag,
    ...oneJobFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobAttach);
    const more = awaiting(!flags['no-reconnect'], (text) => this.complain(text));
    const use = async (client: Client): Promise<number> => {
      const job = await findJob(client, args.job, flags);
      return readJob(client, job, {
        view: readView(flags),
        isFollowing: true,
        lastMs: undefined,
        exit: flags.exit ?? 'auto',
        home: flags.home,
      });
    };
    process.exitCode = await this.withClient(flags, use, more);
  }
}
