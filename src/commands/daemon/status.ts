import * as Flags from '@oclif/core/flags';
import { resolveHome } from '../../adapters/home.ts';
import { DagentCommand, homeFlags } from '../../cli/base.ts';
import { formatStatus } from '../../cli/format-daemon.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { wordArg } from '../../cli/words.ts';

/** As `systemctl status` for a unit that is not running. */
const EXIT_STOPPED = 3;

export default class DaemonStatusCommand extends DagentCommand {
  static override summary = 'Tell how a daemon is: exits 3 when it does not run';
  static override examples = [
    '<%= config.bin %> daemon status',
    '<%= config.bin %> daemon status web1 --json',
  ];
  static override args = {
    name: wordArg({ description: 'Name of the node; not needed where the home has only one' }),
  };
  static override flags = {
    ...homeFlags,
    json: Flags.boolean({ description: 'Print one JSON document' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DaemonStatusCommand);
    const { chooseEntry } = await import('../../daemon/index.ts');
    const entry = chooseEntry(resolveHome(flags.home, process.env), args.name);
    if (entry.state === 'stopped') process.exitCode = EXIT_STOPPED;
    if (flags.json) {
      printDocument(entry);
      return;
    }
    if (entry.state === 'stopped') {
      printLine(`${entry.name} (${entry.role}) does not run`);
      return;
    }
    for (const line of formatStatus(entry, Date.now())) printLine(line);
  }
}
