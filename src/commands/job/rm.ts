import { DagentCommand } from '../../cli/base.ts';
import { askJob, findJob, jobArg, oneJobFlags } from '../../cli/job-nodes.ts';
import { tellUnanswered } from '../../cli/job-orders.ts';
import { wordsOf } from '../../cli/words.ts';
import { removeJob } from '../../client/jobs.ts';
import { foldNames } from '../../protocol/node-set.ts';

export default class JobRm extends DagentCommand {
  static override summary = 'Forget jobs that have ended, with their output';
  static override description =
    'A job with a key stays known, without its output, so that its key never runs twice.';
  static override usage = 'job rm ID... [FLAG...]';
  static override examples = ['<%= config.bin %> job rm 3f9a0c51d2e87b6604aa'];
  static override strict = false;
  static override args = { job: jobArg };
  static override flags = oneJobFlags;

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(JobRm);
    await this.withClient(flags, async (client) => {
      for (const word of wordsOf(raw)) {
        const job = await findJob(client, word, flags);
        const asked = await askJob(job, (target) => removeJob(client, target, job.id));
        const kept = asked.answers.filter(({ value }) => value).map(({ target }) => target);
        if (kept.length > 0) {
          const where = foldNames(kept);
          process.stderr.write(`dagent: its key stays known on ${where}; its output is gone\n`);
        }
        process.exitCode = tellUnanswered(asked) || process.exitCode || 0;
      }
    });
  }
}
