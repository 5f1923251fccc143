/**
 * Which process a pid means. A pid alone is reused by the system; together with the instant at which the
 * kernel started it (field 22 of /proc/PID/stat, proc(5)) it is not.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process; '' where the system does not tell. */
  readonly startTicks: string;
}

function readStartTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses, which may itself hold blanks and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The identity of a running process. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startTicks: readStartTicks(pid) ?? '' };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether that very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const startTicks = readStartTicks(identity.pid);
  if (startTicks === undefined || identity.startTicks === '') return exists(identity.pid);
  return startTicks === identity.startTicks;
}
