/** The plugins of a daemon: where they lie, what they are run with, and how they join the node. */
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { openPluginDirectory } from '../adapters/plugin-directory.ts';
import { measureMemory } from '../adapters/process-memory.ts';
import { createRandom, nextUint32 } from '../base/random.ts';
import { VERSION } from '../base/version.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Spawner } from '../ports/spawner.ts';
import type { Connection } from '../ports/transport.ts';
import { Plugins, type PluginsComponents } from '../services/plugins.ts';
import type { CommandPlace } from './commands.ts';
import { openLocalProgram } from './local-program.ts';
import type { StartOptions } from './options.ts';

export interface PluginHostComponents {
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly accounts: Accounts;
  readonly log: Logger;
  readonly seed: number;
  readonly options: Pick<StartOptions, 'name' | 'plugins'>;
  /** Where plugins lie, if the options name no place. */
  readonly plugins: string;
  /** Where the node's own socket is. */
  readonly socket: string;
  /** Takes the connection of a program. */
  accept(connection: Connection): void;
}

/**
 * What plugins find besides: the runtime and the commands of this dagent before any others, the
 * Python module, and the daemon that runs them.
 */
function pluginEnvironment(
  env: Readonly<Record<string, string>>,
  socket: string,
): Record<string, string> {
  const root = dirname(createRequire(import.meta.url).resolve('dagent/package.json'));
  const { PATH = '' } = env;
  return {
    ...env,
    PATH: [dirname(process.execPath), join(root, 'bin'), PATH].join(delimiter),
    PYTHONPATH: join(root, 'python'),
    PYTHONDONTWRITEBYTECODE: '1',
    DAGENT_VIA: `cd:${socket}`,
  };
}

/** The plugins of a node. `onMethods` hears of their methods, `ownClasses` are the node's own. */
export function createPluginHost(
  components: PluginHostComponents,
  { env, cwd }: CommandPlace,
  more: Pick<PluginsComponents, 'ownClasses' | 'onMethods' | 'say'>,
): Plugins {
  const { clock, spawner, accounts, log, seed, options, plugins, socket, accept } = components;
  const random = createRandom(seed);
  return new Plugins({
    ...more,
    ...{ clock, spawner, log, cwd, measureMemory },
    node: options.name,
    version: VERSION,
    directory: openPluginDirectory(options.plugins ?? plugins, accounts.ownUid),
    env: pluginEnvironment(env, socket),
    nextSeed: () => nextUint32(random),
    openProgram: (onEvent) => openLocalProgram(options.name, accept, onEvent),
  });
}
