import { DagentCommand } from '../../cli/base.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { askPlugins, formatPlugins, pluginFlags } from '../../cli/plugins.ts';
import { wordArg } from '../../cli/words.ts';
import type { ReloadRecord } from '../../protocol/plugin-record.ts';

/** `started a, b; stopped c`, without what there is none of. */
function summarize({ started, restarted, stopped, unchanged }: ReloadRecord): string {
  const parts = Object.entries({ started, restarted, stopped })
    .filter(([, files]) => files.length > 0)
    .map(([what, files]) => `${what} ${files.join(', ')}`);
  return [...parts, `${unchanged} unchanged`].join('; ');
}

export default class PluginReload extends DagentCommand {
  static override summary = 'Look for changed plugins now, or start one anew';
  static override description =
    'Ends with 1 when one that was started does not run. Changes are noticed without it, too.';
  static override examples = [
    '<%= config.bin %> plugin reload',
    '<%= config.bin %> plugin reload weather --at web1',
  ];
  static override args = {
    name: wordArg({ description: 'Start this one anew, also when it has not changed' }),
  };
  static override flags = pluginFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(PluginReload);
    const named = args.name === undefined ? [] : [args.name];
    const done = await this.withClient(flags, (client) =>
      askPlugins<ReloadRecord>(client, flags.at, 'reload', named),
    );
    if (flags.json) printDocument(done);
    else if (done.plugins.length > 0) printLine(formatPlugins(done.plugins));
    process.stderr.write(`${summarize(done)}\n`);
    if (done.plugins.some(({ state }) => state !== 'running')) process.exitCode = 1;
  }
}
