/**
 * Which commands run below this daemon, in a file that survives it: after `kill -9` the next one
 * finds there what nobody looks after any more. A line for each, in slots of one length that are
 * written over: two small writes for a command, and none is waited for, as a kernel that goes down
 * takes the commands with it. The first slot says which run of the kernel the pids are of.
 */
import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import type { Child, Spawner } from '../ports/spawner.ts';
import { isJobId } from '../protocol/job.ts';
import { writing } from './files.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

const SLOT_BYTES = 64;
const BLANK = '';

/** Where one command stands. */
export interface LedgerEntry extends ProcessIdentity {
  readonly slot: number;
  /** The id of its job, which all that it starts has in its environment. */
  readonly job: string | undefined;
}

function readSlots(path: string): string[] {
  try {
    const text = readFileSync(path, 'latin1');
    const count = Math.floor(text.length / SLOT_BYTES);
    return Array.from({ length: count }, (_, slot) =>
      text.slice(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES).trim(),
    );
  } catch {
    return [];
  }
}

function parseEntry(line: string, slot: number): LedgerEntry[] {
  const [, pid, startTicks, job] = /^(\d{1,10}) (\d{1,20})(?: ([0-9a-f]{20}))?$/.exec(line) ?? [];
  return startTicks === undefined ? [] : [{ slot, pid: Number(pid), startTicks, job }];
}

export class CommandLedger {
  readonly #path: string;
  readonly #boot: string;
  readonly #file: number;
  /** Those that a former daemon has left, until they are removed. */
  readonly left: readonly LedgerEntry[];
  /** Slots that may be used again. */
  readonly #free: number[] = [];
  #slotCount: number;
  #usedCount: number;
  /** Whether the first slot is written: without it the others mean nothing. */
  #isMarked = false;
  #isClosed = false;

  /** `boot` is the present run of the kernel. Throws E_CANNOT_WRITE. */
  constructor(path: string, boot: string) {
    this.#path = path;
    const [former, ...lines] = readSlots(path);
    this.left = former === boot ? lines.flatMap((line, place) => parseEntry(line, place + 1)) : [];
    const used = new Set(this.left.map(({ slot }) => slot));
    this.#slotCount = 1 + Math.max(0, ...used);
    for (let slot = 1; slot < this.#slotCount; slot++) if (!used.has(slot)) this.#free.push(slot);
    this.#usedCount = used.size;
    this.#file = writing(path, () => openSync(path, used.size === 0 ? 'w' : 'r+', 0o600));
    this.#boot = boot;
    this.#mark();
  }

  #mark(): void {
    this.#isMarked ||= this.#write(0, this.#boot);
  }

  /** Whether it stands there now. */
  #write(slot: number, line: string): boolean {
    if (this.#isClosed) return false;
    const text = `${line.padEnd(SLOT_BYTES - 1)}\n`;
    try {
      return writeSync(this.#file, text, slot * SLOT_BYTES, 'latin1') === SLOT_BYTES;
    } catch {
      // A full disk: the commands run all the same, and only a crash now would leave them alone.
      return false;
    }
  }

  /** A command runs, with this id of a job if it has one; its slot. */
  add(pid: number, job?: string): number {
    const { startTicks } = identifyProcess(pid);
    const slot = this.#free.pop() ?? this.#slotCount++;
    this.#mark();
    this.#write(slot, `${pid} ${startTicks}${isJobId(job) ? ` ${job}` : ''}`);
    this.#usedCount += 1;
    return slot;
  }

  /** It has ended. */
  remove(slot: number): void {
    this.#write(slot, BLANK);
    this.#free.push(slot);
    this.#usedCount -= 1;
  }

  /** What still stands in it is there for the next daemon. */
  close(): void {
    this.#isClosed = true;
    closeSync(this.#file);
    if (this.#usedCount === 0) unlinkSync(this.#path);
  }
}

/** The same spawner; each command stands in the ledger as long as somebody looks after it. */
export function notedSpawner(inner: Spawner, ledger: CommandLedger): Spawner {
  return {
    spawn(request, handlers): Child {
      let slot: number | undefined;
      let isOver = false;
      const forget = (): void => {
        isOver = true;
        if (slot !== undefined) ledger.remove(slot);
      };
      const child = inner.spawn(request, {
        ...handlers,
        onExit(code, signal): void {
          forget();
          handlers.onExit(code, signal);
        },
        onNotStarted(reason, code): void {
          forget();
          handlers.onNotStarted(reason, code);
        },
      });
      if (child.pid === 0 || isOver) return child;
      // What has left the session of a terminal is meant to.
      const job = request.terminal === undefined ? request.env.DAGENT_JOB_ID : undefined;
      slot = ledger.add(child.pid, job);
      return child;
    },
  };
}
