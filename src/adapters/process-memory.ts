/** Memory of processes, from /proc (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Processes that are added up for one tree of them; what is deeper or wider is left out. */
const PROCESSES_MAX = 256;
const KIBIBYTE = 1_024;

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`;
  try {
    return readdirSync(tasks).flatMap((task) => {
      const pids = readText(`${tasks}/${task}/children`).split(' ');
      return pids.filter((each) => each !== '').map(Number);
    });
  } catch {
    return [];
  }
}

/** Resident bytes of a process and of all below it; 0 when it is gone. */
export function measureMemory(pid: number): number {
  const all = [pid];
  let bytes = 0;
  for (let index = 0; index < all.length && index < PROCESSES_MAX; index++) {
    const each = all[index] ?? 0;
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${each}/status`)) ?? [];
    bytes += Number(kibibytes) * KIBIBYTE;
    all.push(...childrenOf(each));
  }
  return bytes;
}
