/** Which jobs have to go so that a node keeps no more than it may. Pure. */
import {
  EXEC_KEEP_MS,
  JOB_KEEP_MS,
  JOB_KEPT_MAX,
  JOB_NODE_SPOOL_BYTES_MAX,
} from '../protocol/limits.ts';

/** What a job takes up. */
export interface Occupant {
  readonly id: string;
  readonly isKeyed: boolean;
  /** No job, but what is left of the output of a command that somebody waited for. */
  readonly isExec: boolean;
  /** Null while it runs. */
  readonly endedAtMs: number | null;
  /** Whether it is being ended already. */
  readonly isEnding: boolean;
  readonly diskBytes: number;
}

export interface RoomPlan {
  /** Jobs that are forgotten. */
  readonly forget: readonly string[];
  /** Jobs whose output is removed: they have a key, which must be known for its time. */
  readonly strip: readonly string[];
  /** The job to cancel, because nothing else is left to remove. */
  readonly cancel: string | undefined;
  /** Whether there is no room for another job. */
  readonly isFull: boolean;
}

/** What to do so that `spare` more jobs have room at `nowMs`. */
export function planRoom(all: Iterable<Occupant>, nowMs: number, spare: number): RoomPlan {
  const running: Occupant[] = [];
  const ended: (Occupant & { readonly endedAtMs: number })[] = [];
  for (const { endedAtMs, ...rest } of all) {
    if (endedAtMs === null) running.push({ endedAtMs, ...rest });
    else ended.push({ endedAtMs, ...rest });
  }
  ended.sort((a, b) => Number(b.isExec) - Number(a.isExec) || a.endedAtMs - b.endedAtMs);
  const forget = new Set<string>();
  const strip = new Set<string>();
  let count = running.length + ended.length;
  let bytes = [...running, ...ended].reduce((sum, { diskBytes }) => sum + diskBytes, 0);
  for (const { id, isKeyed, isExec, endedAtMs, diskBytes } of ended) {
    const isOld = nowMs - endedAtMs >= (isExec ? EXEC_KEEP_MS : JOB_KEEP_MS);
    const isTooMuch = bytes > JOB_NODE_SPOOL_BYTES_MAX && diskBytes > 0;
    if (isOld || (!isKeyed && (count + spare > JOB_KEPT_MAX || isTooMuch))) {
      forget.add(id);
      count -= 1;
      bytes -= diskBytes;
    } else if (isTooMuch) {
      strip.add(id);
      bytes -= diskBytes;
    }
  }
  const isOver = bytes > JOB_NODE_SPOOL_BYTES_MAX;
  // Who has been told to end gives its room back soon.
  const isRelieved = running.some(({ isEnding }) => isEnding);
  const [largest] = running.sort((a, b) => b.diskBytes - a.diskBytes);
  return {
    forget: [...forget],
    strip: [...strip],
    cancel: isOver && !isRelieved ? largest?.id : undefined,
    isFull: isOver || count + spare > JOB_KEPT_MAX,
  };
}
