import * as Flags from '@oclif/core/flags';
import { resolveHome } from '../../adapters/home.ts';
import { DagentCommand, durationFlag, homeFlags } from '../../cli/base.ts';
import { STOP_MS_DEFAULT, UPLINK_MS_DEFAULT } from '../../cli/daemon-waits.ts';
import { formatDaemon, formatUnlinked } from '../../cli/format-daemon.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { wordArg } from '../../cli/words.ts';

export default class DaemonRestart extends DagentCommand {
  static override summary = 'Start a daemon again as it was last started';
  static override description = [
    'Stops it first if it runs. Its options are kept in its home, so this works after a',
    'crash too.',
  ].join(' ');
  static override examples = ['<%= config.bin %> daemon restart web1'];
  static override args = {
    name: wordArg({ description: 'Name of the node; not needed where the home has only one' }),
  };
  static override flags = {
    ...homeFlags,
    timeout: durationFlag({ description: 'How long parents may take to answer (10s)' }),
    json: Flags.boolean({ description: 'Print one JSON document' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DaemonRestart);
    const daemon = await import('../../daemon/index.ts');
    const home = resolveHome(flags.home, process.env);
    const entry = daemon.chooseEntry(home, args.name);
    const { options } = daemon.readConfig(home, entry.name);
    if (entry.state === 'running') await daemon.stopDaemon(entry, STOP_MS_DEFAULT);
    const status = await daemon.launchDaemon(home, options, flags.timeout ?? UPLINK_MS_DEFAULT);
    if (flags.json) printDocument(status);
    else printLine(formatDaemon(status));
    for (const line of formatUnlinked(status)) process.stderr.write(`${line}\n`);
  }
}
