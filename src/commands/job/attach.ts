import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../../cli/base.ts';
import { outputFlags, readView } from '../../cli/exec-flags.ts';
import { findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { readJob } from '../../cli/job-reading.ts';
import { EXIT_MODES } from '../../client/exec-status.ts';

export default class JobAttach extends DagentCommand {
  static override summary = 'Watch a job as if it had been started here';
  static override description = [
    'Its output so far, then what comes, then its verdicts, with the exit status that exec would',
    'have had. Ctrl-C leaves it, and the job goes on.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> job attach 3f9a0c51d2e87b6604aa',
    '<%= config.bin %> job attach 3f9a0c51d2e87b6604aa --group',
  ];
  static override args = { job: jobArg };
  static override flags = {
    exit: Flags.option({
      options: EXIT_MODES,
      description: 'How the verdicts become our exit status: see docs/EXIT-CODES.md',
    })(),
    ...outputFlags,
    ...oneJobFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobAttach);
    process.exitCode = await this.withClient(flags, async (client) => {
      const job = await findJob(client, args.job, flags);
      return readJob(client, job, {
        view: readView(flags),
        isFollowing: true,
        lastMs: undefined,
        exit: flags.exit ?? 'auto',
        home: flags.home,
      });
    });
  }
}
