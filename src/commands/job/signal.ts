import { constants } from 'node:os';
import { DagentCommand } from '../../cli/base.ts';
import { askJob, findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { tellUnanswered } from '../../cli/job-orders.ts';
import { wordArg } from '../../cli/words.ts';
import { signalJob } from '../../client/jobs.ts';
import { DagentError } from '../../protocol/errors.ts';
import { foldNames } from '../../protocol/node-set.ts';

/** `HUP`, `sighup`, `1`. Throws E_USAGE. */
function parseSignal(word: string): NodeJS.Signals {
  const name = `SIG${word.toUpperCase().replace(/^SIG/, '')}`;
  const known = Object.entries(constants.signals);
  const found = known.find(([each, number]) => each === name || String(number) === word);
  if (found !== undefined) return found[0] as NodeJS.Signals;
  throw new DagentError('E_USAGE', { reason: `${word} is no signal: HUP, USR1, SIGTERM, 15` });
}

export default class JobSignal extends DagentCommand {
  static override summary = 'Send a signal to the process group of a job';
  static override examples = [
    '<%= config.bin %> job signal 3f9a0c51d2e87b6604aa HUP',
    '<%= config.bin %> job signal 3f9a0c51d2e87b6604aa USR1 --on web3',
  ];
  static override args = {
    job: jobArg,
    signal: wordArg({
      required: true,
      description: 'Its name or number: HUP, USR1, STOP, CONT, 15',
    }),
  };
  static override flags = oneJobFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(JobSignal);
    const signal = parseSignal(args.signal);
    await this.withClient(flags, async (client) => {
      const job = await findJob(client, args.job, flags);
      const asked = await askJob(job, (target) => signalJob(client, target, job.id, signal));
      const over = asked.answers.filter(({ value }) => !value).map(({ target }) => target);
      if (over.length > 0) {
        process.stderr.write(`dagent: it had ended before on ${foldNames(over)}\n`);
      }
      process.exitCode = tellUnanswered(asked, job) || (over.length > 0 ? 1 : 0);
    });
  }
}
