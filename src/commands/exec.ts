import { DagentCommand } from '../cli/base.ts';
import { separateCommand } from '../cli/exec-args.ts';
import { execFlags } from '../cli/exec-flags.ts';
import { tellPlan } from '../cli/exec-plan.ts';
import { readRun } from '../cli/exec-reading.ts';
import { runExec } from '../cli/exec-run.ts';
import { reconnecting } from '../cli/reconnecting.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';

export default class Exec extends DagentCommand {
  static override summary = 'Run a command on one node or many';
  static override description = [
    'Our flags stand before the command; all behind its first word belongs to it. Several',
    'words are run as they are, a single word goes to sh -c. One literally named target',
    'behaves as ssh: its output is ours, its exit status is ours. Several are told apart',
    'by their names, and summed up on stderr. What TARGET can be: dagent help targets.',
  ].join(' ');
  static override usage = 'exec TARGET COMMAND...';
  static override examples = [
    '<%= config.bin %> exec web1 ls -l /srv',
    "<%= config.bin %> exec web1 'df -h | sort'",
    "<%= config.bin %> exec 'web*' --timeout 10s uptime",
    '$ tar c site | <%= config.bin %> exec web1,web2 tar x -C /srv',
    "<%= config.bin %> exec 'site=oslo and role=leaf' -x web3 --limit 10% uptime",
    "<%= config.bin %> exec --dry-run -u www 'web*' ./deploy",
    '<%= config.bin %> exec @last:failed -- uptime',
    "<%= config.bin %> exec --script ./deploy.sh -u www -e VERSION=7 'web*' fast",
    "<%= config.bin %> exec --canary 1 --batch 10% --max-fail 2 'web*' ./deploy",
    "<%= config.bin %> exec --group 'web*' cat /etc/debian_version",
    "<%= config.bin %> exec --diff --mask-host '*' sysctl -a",
    "<%= config.bin %> exec --log-dir logs --quiet '*' journalctl -n 1000",
    "<%= config.bin %> exec --async 'web*' ./reindex    # prints the id of the job",
    '<%= config.bin %> exec --tty web1 top',
    '<%= config.bin %> exec --sudo web1 systemctl restart nginx',
    "<%= config.bin %> exec --template 'web*' cp /etc/motd /backup/motd-{host}",
    "<%= config.bin %> exec --json '*' true | jq 'select(.type == \"result\") | .target, .verdict'",
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: "Name, list, web[1-40], 'web*', site=oslo" }),
    command: wordArg({ description: 'Command and its arguments' }),
  };
  static override flags = execFlags;

  async run(): Promise<void> {
    const typed = separateCommand(this.argv);
    const end = typed.includes('--') ? typed.indexOf('--') : typed.length;
    const ours = typed.slice(0, end);
    const rest = typed.slice(end + 1);
    // oclif's time grows with the square of the words: it gets only those that it must judge.
    const { raw, flags } = await this.parse(Exec, ours);
    const run = await readRun({ ours, before: wordsOf(raw), rest }, flags);
    const use = async (client: Client): Promise<number> => {
      if (flags['dry-run'] === true) return tellPlan(client, run);
      if (run.isTerminal) {
        return (await import('../cli/exec-terminal.ts')).runInTerminal(client, run);
      }
      if (run.job === undefined) return runExec(client, run);
      const { runAsJobs, submitJob } = await import('../cli/job-submit.ts');
      return run.job.isAsync ? submitJob(client, run, run.job) : runAsJobs(client, run, run.job);
    };
    // A job goes on without us, and so there is something to come back to.
    const comesBack = run.job?.isAsync === false;
    const more = reconnecting(comesBack, (text) => this.complain(text));
    process.exitCode = await this.withClient(flags, use, more);
    // A stdin that nobody reads any more must not keep us.
    if (run.stdin !== 'none') process.stdin.destroy();
  }
}
