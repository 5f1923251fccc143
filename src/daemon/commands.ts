/** What a node needs to run commands: for who waits for them (exec), and apart from them (jobs). */
import { homedir, hostname, networkInterfaces, userInfo } from 'node:os';
import { join } from 'node:path';
import { SystemJobHost } from '../adapters/job-host.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Spawner } from '../ports/spawner.ts';
import { createExecService, type ExecService } from '../services/exec.ts';
import { Jobs } from '../services/jobs.ts';

export interface CommandComponents {
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly accounts: Accounts;
  readonly log: Logger;
  /** Directory of the node. */
  readonly dataDir: string;
}

const PATH_DEFAULT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What commands get: little, and the same whoever started the daemon. */
function commandEnvironment(node: string): Record<string, string> {
  const { username, shell } = userInfo();
  return {
    PATH: process.env.PATH ?? PATH_DEFAULT,
    HOME: homedir(),
    USER: username,
    LOGNAME: username,
    SHELL: shell ?? '/bin/sh',
    LANG: process.env.LANG ?? 'C.UTF-8',
    DAGENT_TARGET: node,
  };
}

/** The jobs in the directory of a node. */
function createJobHost(dataDir: string, log: Logger): SystemJobHost {
  const onTrouble = (path: string, reason: string): void =>
    log.error('the output of a job cannot be cut', { path, reason });
  const path = process.env.PATH ?? PATH_DEFAULT;
  return new SystemJobHost({ dir: join(dataDir, 'jobs'), path }, onTrouble);
}

/** What this host is called, by itself and by others. */
function hostNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const outside = addresses.filter(({ internal }) => !internal);
  return [hostname(), ...outside.map(({ address }) => address)];
}

/** What commands of a node are run with, unless somebody says otherwise. */
export interface CommandPlace {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** The services of the node `name` that run commands, and where. */
export function createCommands(
  { clock, spawner, accounts, log, dataDir }: CommandComponents,
  name: string,
): { readonly exec: ExecService; readonly jobs: Jobs; readonly place: CommandPlace } {
  const place = { env: commandEnvironment(name), cwd: homedir() };
  const common = { accounts, clock, ...place, hostNames };
  const jobs = new Jobs({ ...common, node: name, log, host: createJobHost(dataDir, log) });
  return { place, jobs, exec: createExecService({ ...common, spawner, runs: jobs.runs }) };
}
