import { DagentCommand } from '../../cli/base.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { askPlugins, formatPlugins, pluginFlags } from '../../cli/plugins.ts';
import type { PluginRecord } from '../../protocol/plugin-record.ts';

export default class PluginLs extends DagentCommand {
  static override summary = 'List the plugins of a node, and how they are';
  static override examples = [
    '<%= config.bin %> plugin ls',
    '<%= config.bin %> plugin ls --at web1',
    '<%= config.bin %> plugin ls --json | jq -r \'.[] | select(.state != "running") | .file\'',
  ];
  static override flags = pluginFlags;

  async run(): Promise<void> {
    const { flags } = await this.parse(PluginLs);
    const plugins = await this.withClient(flags, (client) =>
      askPlugins<PluginRecord[]>(client, flags.at, 'ls'),
    );
    if (flags.json) printDocument(plugins);
    else if (plugins.length > 0) printLine(formatPlugins(plugins));
    else process.stderr.write('no plugins; executables in its data/NAME/plugins are run\n');
  }
}
