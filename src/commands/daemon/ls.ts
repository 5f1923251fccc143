import * as Flags from '@oclif/core/flags';
import { resolveHome } from '../../adapters/home.ts';
import { DagentCommand, homeFlags } from '../../cli/base.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';

export default class DaemonLs extends DagentCommand {
  static override summary = 'List the daemons of an installation, also those that do not run';
  static override examples = ['<%= config.bin %> daemon ls', '<%= config.bin %> daemon ls --json'];
  static override flags = {
    ...homeFlags,
    json: Flags.boolean({ description: 'Print a JSON array' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DaemonLs);
    const { listEntries } = await import('../../daemon/index.ts');
    const entries = listEntries(resolveHome(flags.home, process.env));
    if (flags.json) {
      printDocument(entries);
      return;
    }
    const rows = entries.map((entry) =>
      entry.state === 'running'
        ? [
            entry.name,
            entry.role ?? '?',
            'running',
            String(entry.pid),
            entry.parent ?? (entry.isBrief ? '?' : '-'),
            entry.listen.join(' '),
          ]
        : [entry.name, entry.role ?? '-', entry.state, '-', '-', '-'],
    );
    if (rows.length === 0)
      process.stderr.write('no daemons here; start one: dagent daemon start\n');
    else
      printLine(
        formatTable(
          ['NAME', 'ROLE', 'STATE', 'PID', 'PARENT', { head: 'LISTEN', isText: true }],
          rows,
        ),
      );
  }
}
