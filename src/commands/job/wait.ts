import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag } from '../../cli/base.ts';
import { conclude } from '../../cli/exec-conclusion.ts';
import { askJob, checkWatched, findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { printResults, resultsOf, verdictOnMissing } from '../../cli/job-orders.ts';
import { tellAway } from '../../cli/job-reading.ts';
import { awaiting, reconnectFlag } from '../../cli/reconnecting.ts';
import type { Client } from '../../client/client.ts';
import { EXIT_MODES, statusOfRun } from '../../client/exec-status.ts';
import { waitForJob } from '../../client/jobs.ts';
import { DagentError } from '../../protocol/errors.ts';

const NO_OUTPUT = { sink: () => ({ onOutput: () => undefined }), finish: () => undefined };

export default class JobWait extends DagentCommand {
  static override summary = 'Wait until a job has ended; end as exec would have';
  static override examples = [
    '<%= config.bin %> job wait 3f9a0c51d2e87b6604aa && echo done',
    '<%= config.bin %> job wait 3f9a0c51d2e87b6604aa --timeout 10m',
  ];
  static override args = { job: jobArg };
  static override flags = {
    timeout: durationFlag({
      char: 't',
      description: 'Wait no longer: then the status is 124, and the job goes on',
    }),
    exit: Flags.option({
      options: EXIT_MODES,
      description: 'How the verdicts become our exit status: see dagent help exit-codes',
    })(),
    quiet: Flags.boolean({ char: 'q', description: 'No summary' }),
    json: Flags.boolean({ description: 'Print NDJSON: a result for each node, summary' }),
    ...reconnectFlag,
    ...oneJobFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobWait);
    const startedAtMs = performance.now();
    const more = awaiting(!flags['no-reconnect'], (text) => this.complain(text));
    const use = async (client: Client): Promise<number> => {
      const job = await findJob(client, args.job, flags);
      const { id, isSingle, missing } = job;
      const abort = new AbortController();
      const asking = askJob(job, (target) =>
        waitForJob(client, target, id, {
          onAway: (error) => tellAway(target, error),
          signal: abort.signal,
        }),
      );
      const asked = await this.within(asking, id, flags.timeout).finally(() => abort.abort());
      const errors = asked.failures.map(({ error }) => error);
      checkWatched(client, id, errors);
      const results = resultsOf(asked);
      if (flags.json) printResults(id, results);
      const view = { isJson: flags.json === true, isQuiet: flags.quiet === true };
      const targets = { text: id, isSingle };
      const run = { targets, view, home: flags.home, again: undefined, missing };
      conclude(run, NO_OUTPUT, results, Math.round(performance.now() - startedAtMs));
      const all = [...results, ...verdictOnMissing(job)];
      return statusOfRun(all, isSingle, flags.exit ?? 'auto');
    };
    process.exitCode = await this.withClient(flags, use, more);
  }

  private async within<T>(asking: Promise<T>, id: string, ms: number | undefined): Promise<T> {
    if (ms === undefined) return asking;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DagentError('E_JOB_LATE', { id, ms })), ms);
    });
    return Promise.race([asking, late]).finally(() => clearTimeout(timer));
  }
}
