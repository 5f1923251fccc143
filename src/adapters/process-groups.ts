/** How many processes each process group of the host has, out of /proc: see proc(5). */
import { readdirSync, readFileSync } from 'node:fs';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

/** The group of a process; undefined when it has ended. */
function groupOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Its name stands in parentheses, and may have some of its own.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3);
    return state === 'Z' || state === 'X' ? undefined : Number(group);
  } catch {
    return undefined;
  }
}

function countGroups(): Map<number, number> {
  const counts = new Map<number, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const group = groupOf(pid);
    if (group !== undefined) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return counts;
}

/**
 * Signals the group of a leader; false when nothing of it is left. Its pid is given to nobody while
 * somebody is left in its group, also when it has ended itself.
 */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  const { startTicks } = identifyProcess(leader.pid);
  if (startTicks !== '' && startTicks !== leader.startTicks) return false;
  try {
    process.kill(-leader.pid, signal);
    return true;
  } catch {
    return false;
  }
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
