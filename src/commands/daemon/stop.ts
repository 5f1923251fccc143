import * as Flags from '@oclif/core/flags';
import { type DaemonStatus, listDaemons, resolveHome } from '../../adapters/home.ts';
import { DagentCommand, durationFlag, homeFlags } from '../../cli/base.ts';
import { STOP_MS_DEFAULT } from '../../cli/daemon-waits.ts';
import { wordArg } from '../../cli/words.ts';
import { DagentError } from '../../protocol/errors.ts';

export default class DaemonStop extends DagentCommand {
  static override summary = 'Stop a daemon: it drains, says goodbye and ends';
  static override examples = [
    '<%= config.bin %> daemon stop web1',
    '<%= config.bin %> daemon stop --all',
  ];
  static override args = {
    name: wordArg({ description: 'Name of the node; not needed where the home has only one' }),
  };
  static override flags = {
    all: Flags.boolean({ description: 'Stop every daemon of the home' }),
    ...homeFlags,
    timeout: durationFlag({ description: 'How long it may take (15s)' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(DaemonStop);
    const home = resolveHome(flags.home, process.env);
    const daemon = await import('../../daemon/index.ts');
    if (flags.all && args.name !== undefined) {
      throw new DagentError('E_USAGE', { reason: 'say a NAME or --all, not both' });
    }
    const targets: DaemonStatus[] = [];
    if (flags.all) {
      // The farthest from the root first, so that nobody redials a parent that has just gone.
      targets.push(...listDaemons(home).reverse());
    } else {
      const entry = daemon.chooseEntry(home, args.name);
      if (entry.state === 'running') targets.push(entry);
    }
    if (targets.length === 0) process.stderr.write('dagent: nothing to stop\n');
    const timeoutMs = flags.timeout ?? STOP_MS_DEFAULT;
    // Those of one depth do not need each other.
    for (const level of Map.groupBy(targets, (status) => status.depth).values()) {
      await Promise.all(level.map((status) => daemon.stopDaemon(status, timeoutMs)));
      for (const { name } of level) process.stderr.write(`${name} stopped\n`);
    }
  }
}
