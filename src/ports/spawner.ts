/** Running commands of the host. */
import type { Window } from '../protocol/exec.ts';
import type { Ulimits } from '../protocol/ulimit.ts';
import type { Strays } from './strays.ts';

/** As whom a command runs; the other groups of that user are its too. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** As whom a command runs by sudo(8): names. */
export interface SudoAs {
  readonly user: string;
  readonly group?: string;
}

export interface SpawnRequest {
  /** Program and arguments; with `script` the arguments only. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Absent: as we ourselves. */
  readonly runAs?: RunAs;
  /** Absent: without it. */
  readonly sudo?: SudoAs;
  /** The login shell of who runs it, which reads its profile first. */
  readonly login?: string;
  readonly umask?: number;
  readonly nice?: number;
  readonly ulimits?: Ulimits;
  /** Whether its stderr is its stdout. */
  readonly isMerged?: boolean;
  /** A terminal of this size is its stdin, stdout and stderr; what it shows is told as stdout. */
  readonly terminal?: Window;
  /** The program itself. It is put into a file that only its user can read, and removed. */
  readonly script?: Buffer;
}

export type OutputChannel = 'stdout' | 'stderr';

export interface SpawnHandlers {
  /** It runs: before anything else is heard of it, perhaps before `spawn` returns. */
  onStart(pid: number): void;
  onOutput(channel: OutputChannel, bytes: Buffer): void;
  /**
   * The command ended, and all its output has been handed over. Exactly one of the two is not null.
   */
  onExit(code: number | null, signal: string | null): void;
  /** What was written to its stdin has gone in, or nobody will ever read it. */
  onStdinDrain(): void;
  /** It runs on, and has closed its stdin; that shows when something is written there. */
  onStdinClose?(): void;
  /**
   * It never ran: why, and the exit status that shells use for that (127 not found, 126 not
   * executable).
   */
  onNotStarted(reason: string, code: 125 | 126 | 127): void;
}

export interface Child {
  /** 0 when it was not started. */
  readonly pid: number;
  /** False: wait for `onStdinDrain`. */
  writeStdin(bytes: Buffer): boolean;
  endStdin(): void;
  /** Its terminal has another size. */
  resize?(window: Window): void;
  /** Stops, or goes on with, reading its output: a full pipe stops the command itself. */
  setPaused(isPaused: boolean): void;
  /** Processes of its group that have not ended. Takes a look at all processes of the host. */
  countGroup(): number;
  /** Signals the whole process group of the command; false when nothing of it is left. */
  killGroup(signal: NodeJS.Signals): boolean;
  /**
   * What it has started that is not in its group; known by DAGENT_JOB_ID and DAGENT_TARGET. None of
   * a command with a terminal: that has its session, and what leaves it is meant to.
   */
  readonly strays: Strays;
}

export interface Spawner {
  /** Starts a command as the leader of a session, and so of a process group, of its own. */
  spawn(request: SpawnRequest, handlers: SpawnHandlers): Child;
}
