/**
 * Strays by what their environment says: whatever a command starts inherits the id of its job and
 * the name of its node, also what leaves its group and its session, and has another parent by now.
 * See proc(5). Who has cleared its environment, or has written over it, is not found.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Stray, Strays } from '../ports/strays.ts';
import { EXEC_ENVIRON_BYTES_MAX } from '../protocol/limits.ts';
import { listPids, type Membership, membershipOf } from './process-groups.ts';
import { identifyProcess } from './process-identity.ts';

/** What is asked for within this time is answered by one look. */
const GATHER_MS = 20;
/** Processes that are looked at in one go; then others have their turn. */
const SLICE = 128;

type Environment = Readonly<Record<string, string | undefined>>;

/** Processes with an id of a job, by that and the name of the node. */
type Marked = ReadonlyMap<string, readonly Process[]>;

interface Process extends Membership, Stray {}

/** What a command and all that it starts has in its environment; undefined when it has no id. */
function markOf({ DAGENT_JOB_ID: job, DAGENT_TARGET: target }: Environment): string | undefined {
  return job === undefined || target === undefined ? undefined : `${job}\0${target}`;
}

/** The value of a variable in the environment of a process: entries that end with zeros. */
function readVariable(environ: Buffer, name: string): string | undefined {
  const entry = `${name}=`;
  for (let at = environ.indexOf(entry); at !== -1; at = environ.indexOf(entry, at + 1)) {
    if (at > 0 && environ[at - 1] !== 0) continue;
    const end = environ.indexOf(0, at);
    return environ.toString('latin1', at + entry.length, end === -1 ? environ.length : end);
  }
  return undefined;
}

/** The beginning of the environment of a process; empty when it has ended, or is not ours. */
function readEnviron(pid: string, buffer: Buffer): Buffer {
  try {
    const file = openSync(`/proc/${pid}/environ`, 'r');
    try {
      return buffer.subarray(0, readSync(file, buffer));
    } finally {
      closeSync(file);
    }
  } catch {
    return buffer.subarray(0, 0);
  }
}

async function findMarked(): Promise<Marked> {
  const marked = new Map<string, Process[]>();
  const buffer = Buffer.allocUnsafe(EXEC_ENVIRON_BYTES_MAX);
  for (const [place, pid] of listPids().entries()) {
    if (place % SLICE === SLICE - 1) await nextTurn();
    const environ = readEnviron(pid, buffer);
    const [job, target] = ['DAGENT_JOB_ID', 'DAGENT_TARGET'].map((name) =>
      readVariable(environ, name),
    );
    const mark = markOf({ DAGENT_JOB_ID: job, DAGENT_TARGET: target });
    const membership = mark === undefined ? undefined : membershipOf(pid);
    if (mark === undefined || membership === undefined) continue;
    const all = marked.get(mark);
    const process = { pid: Number(pid), ...membership };
    if (all === undefined) marked.set(mark, [process]);
    else all.push(process);
  }
  return marked;
}

/** Who is asked after. */
export interface Stem {
  readonly env: Environment;
  /** What began before the command does not come from it: ids can be used again. */
  readonly startTicks: string;
  /** Whether a process is one that is ended as part of the command, or waits for it. */
  isOwn(membership: Membership): boolean;
}

export class StrayFinder {
  #next: Promise<Marked> | undefined;

  /** All processes of the host: a look that has not begun yet. */
  #look(): Promise<Marked> {
    this.#next ??= pause(GATHER_MS).then(() => {
      this.#next = undefined;
      return findMarked();
    });
    return this.#next;
  }

  async #find({ env, startTicks, isOwn }: Stem): Promise<readonly Stray[]> {
    const mark = markOf(env);
    if (mark === undefined) return [];
    const all = (await this.#look()).get(mark) ?? [];
    return all.filter((each) => Number(each.startTicks) >= Number(startTicks) && !isOwn(each));
  }

  /** The strays of a command. */
  of(stem: Stem): Strays {
    return {
      find: () => this.#find(stem),
      signal({ pid, startTicks }, signal): void {
        if (identifyProcess(pid).startTicks !== startTicks) return;
        try {
          process.kill(pid, signal);
        } catch {
          // It has ended meanwhile, or is somebody else's by now (setuid).
        }
      },
    };
  }
}

/** Of what was never started, and where what leaves its group is left alone. */
export const NO_STRAYS: Strays = {
  find: () => Promise.resolve([]),
  signal: () => undefined,
};
