import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../cli/base.ts';
import { printRecord } from '../cli/output.ts';
import { parseQuestion, toFailure, toSuccess } from '../dialects/basicagent.ts';
import { DagentError, ERRORS } from '../protocol/errors.ts';
import { isInfoFailure } from '../protocol/facts.ts';

export default class Ctl extends DagentCommand {
  static override summary = 'Tell facts of this host as BasicAgentCtl does, without any daemon';
  static override description = [
    'Prints one JSON object: {"resp":"success","retcode":0,"message":...,"data":...}, or',
    '{"resp":"failed","retcode":3021,"message":"Invalid params"}, with the reason on stderr.',
    'Commands are getinfo.CLASS, for every class of: dagent help info.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> ctl -c getinfo.kernel | jq .data',
    '<%= config.bin %> ctl -c getinfo.users -a "-U root"',
    '<%= config.bin %> ctl -c getinfo.users -a "-u"',
  ];
  static override flags = {
    command: Flags.string({
      char: 'c',
      required: true,
      helpValue: 'COMMAND',
      description: 'What is asked: getinfo.CLASS, such as getinfo.kernel',
    }),
    arguments: Flags.string({
      char: 'a',
      default: '',
      helpValue: 'ARGUMENTS',
      description: 'Of getinfo.users: -U NAME, -A (all), -u (of people), -S (of the system)',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ctl);
    try {
      const { factClass, users } = parseQuestion(flags.command, flags.arguments);
      const { collectLocalInfo } = await import('../cli/local-info.ts');
      const { facts } = await collectLocalInfo([factClass], { users });
      const data = facts[factClass];
      if (!isInfoFailure(data)) return printRecord(toSuccess(data));
      const { code, message } = data.error;
      printRecord(toFailure(data.error));
      this.complain(`${message} (${code})`);
      process.exitCode = ERRORS[code].exit;
    } catch (error) {
      if (error instanceof DagentError) printRecord(toFailure(error));
      throw error;
    }
  }
}
