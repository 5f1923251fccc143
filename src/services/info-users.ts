/**
 * Accounts and who is logged in. An account is normal when its uid is at least UID_MIN of
 * login.defs(5) (1000 unless set) and not one of the two that mean nobody; all others are system
 * accounts, root too.
 */
import type { Account, HostProbe, Login } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import type { WhichUsers } from '../protocol/facts.ts';

/**
 * Accounts told at most, so that the answer fits a message. More: only counted, in `omittedCount`.
 */
export const ACCOUNTS_MAX = 1500;

/** The uids -2 and -1 of 16 bits: `nobody`, and `no change` of chown(2). */
const NOBODY_UIDS: readonly number[] = [65_534, 65_535];

export interface UsersInfo {
  readonly which: 'all' | 'normal' | 'system' | 'one';
  /** How many there are of each, whichever are listed; null when one was asked for by its name. */
  readonly normalCount: number | null;
  readonly systemCount: number | null;
  readonly accounts: readonly Account[];
  readonly omittedCount: number;
  /** Null when the host does not tell. */
  readonly loggedIn: readonly Login[] | null;
}

function isNormalAccount(account: Account, uidMin: number): boolean {
  return account.uid >= uidMin && !NOBODY_UIDS.includes(account.uid);
}

async function findOne(probe: HostProbe, name: string, timeoutMs: number): Promise<UsersInfo> {
  const [account, logins] = await Promise.all([
    probe.account(name, timeoutMs),
    probe.logins(timeoutMs),
  ]);
  if (account === undefined) throw new DagentError('E_ACCOUNT_UNKNOWN', { kind: 'user', name });
  return {
    which: 'one',
    normalCount: null,
    systemCount: null,
    accounts: [account],
    omittedCount: 0,
    loggedIn: logins?.filter((login) => login.user === name) ?? null,
  };
}

/**
 * The accounts chosen, and who is logged in. Rejects with E_ACCOUNT_UNKNOWN for a name that is
 * none.
 */
export async function collectUsers(
  probe: HostProbe,
  which: WhichUsers,
  timeoutMs: number,
): Promise<UsersInfo> {
  if (typeof which === 'object') return findOne(probe, which.name, timeoutMs);
  const [{ accounts, uidMin }, loggedIn] = await Promise.all([
    probe.accounts(timeoutMs),
    probe.logins(timeoutMs),
  ]);
  const groups = {
    all: accounts,
    normal: accounts.filter((account) => isNormalAccount(account, uidMin)),
    system: accounts.filter((account) => !isNormalAccount(account, uidMin)),
  };
  const chosen = groups[which];
  return {
    which,
    normalCount: groups.normal.length,
    systemCount: groups.system.length,
    accounts: chosen.slice(0, ACCOUNTS_MAX),
    omittedCount: Math.max(0, chosen.length - ACCOUNTS_MAX),
    loggedIn,
  };
}
