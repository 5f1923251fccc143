import { DagentCommand } from '../../cli/base.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { askPlugins, formatDetails, pluginFlags } from '../../cli/plugins.ts';
import { wordArg } from '../../cli/words.ts';
import type { PluginDetails } from '../../protocol/plugin-record.ts';

export default class PluginShow extends DagentCommand {
  static override summary = 'Show all about a plugin: methods, schedules, figures, troubles';
  static override examples = [
    '<%= config.bin %> plugin show weather',
    '<%= config.bin %> plugin show weather.py --at web1',
    "<%= config.bin %> plugin show weather --json | jq '.schedules[] | {name, result, error}'",
  ];
  static override args = {
    name: wordArg({ required: true, description: 'Its name, or that of its file' }),
  };
  static override flags = pluginFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PluginShow);
    const plugin = await this.withClient(flags, (client) =>
      askPlugins<PluginDetails>(client, flags.at, 'show', [args.name]),
    );
    if (flags.json) printDocument(plugin);
    else for (const line of formatDetails(plugin)) printLine(line);
  }
}
