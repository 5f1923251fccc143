/** From what a caller asks for to what is started on this host. */
import { resolve } from 'node:path';
import type { Accounts, UserAccount } from '../ports/accounts.ts';
import type { RunAs, SpawnRequest, SudoAs } from '../ports/spawner.ts';
import type { ExecSpec } from '../protocol/exec.ts';

export interface LaunchComponents {
  readonly accounts: Accounts;
  /** Environment and directory that commands get. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Why it cannot be started, and the status that shells use for that. */
export interface NotStarted {
  readonly reason: string;
  readonly code: number;
}

/** As whom it runs, where that was asked for. */
interface Runner {
  readonly user: UserAccount;
  /** Absent: we are that user ourselves. */
  readonly runAs?: RunAs;
  readonly sudo?: SudoAs;
}

const ROOT = 0;

function refuse(reason: string): NotStarted {
  return { reason, code: 125 };
}

async function findRunner(spec: ExecSpec, accounts: Accounts): Promise<Runner | NotStarted> {
  const { ownUid } = accounts;
  const key = spec.user ?? String(spec.isSudo === true ? ROOT : ownUid);
  const user = await accounts.findUser(key);
  if (user === undefined) return refuse(`no such user: ${key}`);
  const gid = spec.group === undefined ? user.gid : await accounts.findGroup(spec.group);
  if (gid === undefined) return refuse(`no such group: ${spec.group}`);
  if (user.uid === ownUid && gid === user.gid) return { user };
  if (ownUid === ROOT) return { user, runAs: { uid: user.uid, gid } };
  const { group } = spec;
  if (spec.isSudo === true) {
    const isReadable = spec.script === undefined || user.uid === ROOT;
    if (!isReadable) return refuse(`${user.name} cannot read a script that sudo is to run as it`);
    return { user, sudo: { user: user.name, ...(group === undefined ? {} : { group }) } };
  }
  const whom = group === undefined ? user.name : `${user.name}:${group}`;
  return refuse(`not permitted: only the daemon of root, or --sudo, can run it as ${whom}`);
}

/** Shells of accounts that nobody can log in to. */
const NO_SHELL = /\/(nologin|false)$/;

function ownVariables({ rank, count, job }: ExecSpec): Record<string, string> {
  return {
    ...(rank === undefined ? {} : { DAGENT_RANK: String(rank) }),
    ...(count === undefined ? {} : { DAGENT_COUNT: String(count) }),
    ...(job === undefined ? {} : { DAGENT_JOB_ID: job }),
  };
}

/** The words of the command; no shell looks at what is put into them. */
function fillIn({ argv, isTemplate, rank, count }: ExecSpec, host: string): readonly string[] {
  if (isTemplate !== true) return argv;
  const values: Readonly<Record<string, string>> = {
    '{host}': host,
    '{rank}': String(rank ?? 0),
    '{count}': String(count ?? 1),
  };
  return argv.map((word) => word.replace(/\{(host|rank|count)\}/g, (name) => values[name] ?? name));
}

function homeVariables({ name, home, shell }: UserAccount): Record<string, string> {
  return { HOME: home, USER: name, LOGNAME: name, SHELL: shell };
}

function toRequest(
  spec: ExecSpec,
  { user, runAs, sudo }: Partial<Runner>,
  { env, cwd }: LaunchComponents,
): SpawnRequest {
  const { isLogin, umask, nice, ulimits, isMerged, script, terminal } = spec;
  const screen: Record<string, string> = terminal === undefined ? {} : { TERM: terminal.name };
  const home = user === undefined ? {} : homeVariables(user);
  return {
    argv: fillIn(spec, env.DAGENT_TARGET ?? ''),
    env: { ...env, ...home, ...ownVariables(spec), ...screen, ...spec.env },
    cwd: resolve(user?.home ?? cwd, spec.cwd ?? ''),
    ...(runAs === undefined ? {} : { runAs }),
    ...(sudo === undefined ? {} : { sudo }),
    ...(isLogin === true && user !== undefined ? { login: user.shell } : {}),
    ...(umask === undefined ? {} : { umask }),
    ...(nice === undefined ? {} : { nice }),
    ...(ulimits === undefined ? {} : { ulimits }),
    ...(isMerged === true ? { isMerged } : {}),
    ...(script === undefined ? {} : { script }),
    ...(terminal === undefined ? {} : { terminal }),
  };
}

/**
 * What is to be started, or why nothing can be; a promise only where an account must be looked up,
 * so that all else starts at once.
 */
export function prepareLaunch(
  spec: ExecSpec,
  components: LaunchComponents,
): SpawnRequest | Promise<SpawnRequest | NotStarted> {
  const { user, group, isLogin, isSudo } = spec;
  const needsAccount = [user, group].some((each) => each !== undefined);
  if (!needsAccount && isLogin !== true && isSudo !== true) return toRequest(spec, {}, components);
  return findRunner(spec, components.accounts).then((found) => {
    if ('reason' in found) return found;
    const { name, shell } = found.user;
    if (isLogin === true && NO_SHELL.test(shell)) {
      return refuse(`no login as ${name}: its shell is ${shell}`);
    }
    return toRequest(spec, found, components);
  });
}
