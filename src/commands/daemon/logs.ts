import * as Flags from '@oclif/core/flags';
import { resolveHome } from '../../adapters/home.ts';
import { DagentCommand, homeFlags } from '../../cli/base.ts';
import { formatLogLine, openLog } from '../../cli/log-file.ts';
import { onPipeClosed } from '../../cli/pipe.ts';
import { wordArg } from '../../cli/words.ts';

const LINE_COUNT_DEFAULT = 50;

export default class DaemonLogs extends DagentCommand {
  static override summary = 'Show the log of a daemon';
  static override examples = [
    '<%= config.bin %> daemon logs web1',
    '<%= config.bin %> daemon logs web1 -f',
    '<%= config.bin %> daemon logs web1 --json | jq \'select(.level == "warn")\'',
  ];
  static override args = {
    name: wordArg({ description: 'Name of the node; not needed where the home has only one' }),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'Go on with what is written from now on' }),
    lines: Flags.integer({
      helpValue: 'N',
      char: 'n',
      min: 0,
      default: LINE_COUNT_DEFAULT,
      description: 'Last lines',
    }),
    ...homeFlags,
    json: Flags.boolean({ description: 'Print the records as they are (NDJSON)' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DaemonLogs);
    const { chooseEntry, readConfig } = await import('../../daemon/index.ts');
    const home = resolveHome(flags.home, process.env);
    const { options } = readConfig(home, chooseEntry(home, args.name).name);
    const log = openLog(home, options.name, options.logFile);
    const print = (line: string): void => {
      process.stdout.write(`${flags.json ? line : formatLogLine(line)}\n`);
    };
    for (const line of log.last(flags.lines)) print(line);
    if (!flags.follow) return;
    await new Promise<void>((resolve) => {
      const stop = log.follow(print);
      const end = (): void => {
        stop();
        resolve();
      };
      onPipeClosed(end);
      process.once('SIGINT', end);
      process.once('SIGTERM', end);
    });
  }
}
