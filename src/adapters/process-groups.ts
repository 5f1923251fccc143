/** Processes of the host by their groups and sessions, out of /proc: see proc(5). */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

const ROOT = 0;

export interface Membership {
  readonly group: number;
  readonly session: number;
  /** Clock ticks from boot to its start. */
  readonly startTicks: string;
}

/** Where a process belongs; undefined when it has ended. */
export function membershipOf(pid: string): Membership | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Its name stands in parentheses, and may have some of its own.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 20);
    const [state, , group, session] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    return { group: Number(group), session: Number(session), startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** All processes of the host, by their pids. */
export function listPids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

/** All processes of the host. */
function listMemberships(): Membership[] {
  return listPids()
    .map(membershipOf)
    .filter((each) => each !== undefined);
}

function countGroups(): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { group } of listMemberships()) counts.set(group, (counts.get(group) ?? 0) + 1);
  return counts;
}

/**
 * Processes of a session: a shell with a terminal puts each of its jobs into a group of its own.
 */
export function countSession(leader: number): number {
  return listMemberships().filter(({ session }) => session === leader).length;
}

/** Who else than we has processes in a group. */
function othersOf(group: number, ownUid: number): number[] {
  const owners = listPids().map((pid) => {
    if (membershipOf(pid)?.group !== group) return ownUid;
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? ownUid;
  });
  return [...new Set(owners)].filter((uid) => uid !== ownUid);
}

/**
 * Signals what sudo(8) has made of a command: neither that nor sudo itself is ours to signal. False
 * when there is none.
 */
function signalOthers(group: number, signal: NodeJS.Signals, ownUid: number): boolean {
  const all = othersOf(group, ownUid);
  // Where it runs for somebody else, only sudo itself is root's, and ends with that.
  const uids = all.length > 1 ? all.filter((uid) => uid !== ROOT) : all;
  for (const uid of uids) {
    const name = signal.replace(/^SIG/, '');
    const words = ['-n', '-u', `#${uid}`, '--', 'kill', '-s', name, '--', `-${group}`];
    const child = spawn('sudo', words, { stdio: 'ignore', detached: true });
    // Without it nobody has become another user.
    child.on('error', () => undefined);
    child.unref();
  }
  return uids.length > 0;
}

/** Signals a process group; false when nothing of it is left. */
export function killGroup(
  group: number,
  signal: NodeJS.Signals,
  ownUid = process.getuid?.() ?? ROOT,
): boolean {
  const hasOthers = ownUid !== ROOT && signalOthers(group, signal, ownUid);
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return hasOthers;
  }
}

/** Signals all groups of a session; false when nothing of it is left. */
export function signalSession(leader: number, signal: NodeJS.Signals): boolean {
  const members = listMemberships().filter(({ session }) => session === leader);
  for (const group of new Set(members.map((each) => each.group))) killGroup(group, signal);
  return members.length > 0;
}

/**
 * Signals the group of a leader; false when nothing of it is left. Its pid is given to nobody while
 * somebody is left in its group, also when it has ended itself.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  const { startTicks } = identifyProcess(leader.pid);
  if (startTicks !== '' && startTicks !== leader.startTicks) return false;
  return killGroup(leader.pid, signal);
}

/** Counts the processes of groups. Many that are asked for at the same moment cost one look. */
export class ProcessGroups {
  #counts: Map<number, number> | undefined;

  /** Processes of a group that have not ended. */
  count(group: number): number {
    if (this.#counts === undefined) {
      this.#counts = countGroups();
      setImmediate(() => {
        this.#counts = undefined;
      });
    }
    return this.#counts.get(group) ?? 0;
  }
}
