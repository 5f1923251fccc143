/** What is a daemon's own from its start to its end: its directories, its lock, who it is. */
import { systemAccounts } from '../adapters/accounts.ts';
import { CommandLedger } from '../adapters/command-ledger.ts';
import { makeDirectory } from '../adapters/files.ts';
import { type Home, type NodePaths, pathsOf } from '../adapters/home.ts';
import { checkPluginDirectory } from '../adapters/plugin-directory.ts';
import { readBootId } from '../adapters/process-identity.ts';
import { DagentError } from '../protocol/errors.ts';
import { SOCKET_PATH_BYTES_MAX } from '../protocol/limits.ts';
import { type Identity, identify } from './identity.ts';
import { takeLock } from './lock.ts';
import type { StartOptions } from './options.ts';
import type { Unwritten } from './unwritten.ts';

export interface Claim {
  readonly paths: NodePaths;
  readonly identity: Identity;
  readonly ledger: CommandLedger;
  /** Gives the name back. */
  unlock(): void;
}

export interface ClaimComponents {
  readonly home: Home;
  readonly options: StartOptions;
  readonly unwritten: Unwritten;
  readonly startedAtMs: number;
}

function prepareDirectories({ home, options }: ClaimComponents, paths: NodePaths): void {
  if (options.plugins !== null) checkPluginDirectory(options.plugins, systemAccounts.ownUid);
  for (const dir of [home.dataDir, home.runDir, paths.dataDir, paths.runDir]) {
    makeDirectory(dir);
  }
  const bytes = Buffer.byteLength(paths.socket);
  if (bytes <= SOCKET_PATH_BYTES_MAX) return;
  const values = { path: paths.socket, bytes, max: SOCKET_PATH_BYTES_MAX };
  throw new DagentError('E_SOCKET_PATH', values);
}

/**
 * Takes what a daemon of these options needs. Throws E_DAEMON_RUNNING, E_SOCKET_PATH,
 * E_CANNOT_WRITE, E_PLUGIN_UNSAFE, E_STATE_BROKEN; nothing is taken then.
 */
export function claim(components: ClaimComponents): Claim {
  const { home, options, unwritten, startedAtMs } = components;
  const paths = pathsOf(home, options.name);
  prepareDirectories(components, paths);
  const unlock = takeLock(paths.lock, options.name);
  try {
    const identity = identify(paths, startedAtMs, (path, action) => unwritten.write(path, action));
    return { paths, identity, ledger: new CommandLedger(paths.commands, readBootId()), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}
