/**
 * Which process a pid means. A pid alone is reused by the system; together with the instant at
 * which the kernel started it (field 22 of /proc/PID/stat, proc(5)) it is not.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to the start of the process; '' where the system does not tell. */
  readonly startTicks: string;
}

interface ProcessStat {
  /** One letter; Z and X are processes that have ended and wait to be collected by their parent. */
  readonly state: string;
  readonly startTicks: string;
}

function readStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses, which may itself hold blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** The identity of a running process. */
export function identifyProcess(pid: number): ProcessIdentity {
  return { pid, startTicks: readStat(pid)?.startTicks ?? '' };
}

function exists(pid: number): boolean {
  // 0 and below mean whole groups of processes (kill(2)).
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether that very process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  if (stat === undefined) return exists(identity.pid);
  const isSame = identity.startTicks === '' || stat.startTicks === identity.startTicks;
  return isSame && stat.state !== 'Z' && stat.state !== 'X';
}

/** The present run of the kernel: pids mean nothing in another one. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
