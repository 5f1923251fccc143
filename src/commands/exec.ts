import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { separateCommand, toArgv } from '../cli/exec-args.ts';
import { runExec } from '../cli/exec-run.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import { DagentError } from '../protocol/errors.ts';

export default class Exec extends DagentCommand {
  static override summary = 'Run a command on one node or many';
  static override description = [
    'Our flags stand before the command; all behind its first word belongs to it. Several',
    'words are run as they are, a single word goes to sh -c. One literally named target',
    'behaves as ssh: its output is ours, its exit status is ours. Several are told apart',
    'by their names, and summed up on stderr.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> exec web1 ls -l /srv',
    "<%= config.bin %> exec web1 'df -h | sort'",
    "<%= config.bin %> exec 'web*' --timeout 10s uptime",
    'tar c site | <%= config.bin %> exec web1,web2 tar x -C /srv',
    "<%= config.bin %> exec --json '*' true | jq 'select(.type == \"result\") | .target, .verdict'",
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ required: true, description: "Name, comma list, glob, or '*'" }),
    command: wordArg({ required: true, description: 'Command and its arguments' }),
  };
  static override flags = {
    timeout: durationFlag({
      char: 't',
      description: 'Kill the command where it runs after this long',
    }),
    'no-stdin': Flags.boolean({ char: 'n', description: 'Do not pass our stdin on' }),
    raw: Flags.boolean({ description: 'Do not escape control characters on a terminal' }),
    json: Flags.boolean({ description: 'Print NDJSON: start, out, err, result, summary' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const typed = separateCommand(this.argv);
    const end = typed.includes('--') ? typed.indexOf('--') : typed.length;
    const rest = typed.slice(end + 1);
    // oclif's time grows with the square of the words: it gets no more of them than it must judge.
    const shown = rest.slice(0, 2);
    const { args, raw, flags } = await this.parse(Exec, [...typed.slice(0, end), '--', ...shown]);
    const hasTargetBefore = wordsOf(raw).length > shown.length;
    const words = rest.slice(hasTargetBefore ? 0 : 1);
    if (words.some((word) => word === '') && words.length === 1) {
      throw new DagentError('E_USAGE', { reason: 'the command is empty' });
    }
    process.exitCode = await this.withClient(flags, (client) =>
      runExec(client, {
        selector: args.target,
        argv: toArgv(words),
        timeoutMs: flags.timeout,
        hasStdin: !flags['no-stdin'] && process.stdin.isTTY !== true,
        isRaw: flags.raw,
        isJson: flags.json,
      }),
    );
    // A stdin that nobody reads any more must not keep us.
    process.stdin.destroy();
  }
}
