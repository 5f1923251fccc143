/** What is written down of jobs, their processes, and what they have written. */
import type { ExecResult, TimeLimit } from '../protocol/exec.ts';
import type { OutputChannel, SpawnRequest } from './spawner.ts';
import type { Strays } from './strays.ts';

/** A job as it is written down before it is started. No value of a variable is in it. */
export interface JobNote {
  readonly id: string;
  readonly owner: string;
  /** As whom it runs; absent: as the node itself. */
  readonly runsAs?: string;
  /** All of the command, as a line for people. */
  readonly command: string;
  /** Hash of all that was asked for: what the key of a job stands for. */
  readonly hash: string;
  readonly isKeyed: boolean;
  readonly rank: number;
  readonly count: number;
  readonly timeoutMs: number | null;
  readonly overallMs: number | null;
  readonly graceMs: number;
  /** Bytes of each stream that are kept. */
  readonly spoolBytes: number;
  readonly submittedAtMs: number;
  /** The run of the kernel in which it was started: pids mean nothing in another one. */
  readonly boot: string;
  /** A command whose caller waited for it: more of its output is kept than its caller took. */
  readonly isExec?: true;
}

/** Why a job is being ended: written down before its processes are told. */
export interface JobEnding {
  readonly verdict: 'timeout' | 'cancelled';
  readonly limit?: TimeLimit;
  readonly reason?: string;
  readonly atMs: number;
}

/** How a job ended. */
export interface JobEnd {
  readonly result: ExecResult;
  readonly pid: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number;
}

/** The part of a stream that is not kept any more. */
export interface JobGap {
  readonly from: number;
  readonly to: number;
}

export type JobGaps = Readonly<Record<OutputChannel, JobGap>>;

/** How much a job had written at an instant. */
export interface JobSample {
  readonly atMs: number;
  readonly stdout: number;
  readonly stderr: number;
}

/** All that is written down of a job. */
export interface KeptJob {
  readonly note: JobNote;
  readonly ending: JobEnding | undefined;
  readonly end: JobEnd | undefined;
  readonly gaps: JobGaps | undefined;
  readonly samples: readonly JobSample[];
}

/** What can be seen of a job at one instant. */
export interface JobSight {
  readonly isSameBoot: boolean;
  /** Of the command, once it is known; and when it began. */
  readonly pid: number | null;
  readonly startedAtMs: number | null;
  /** Whether the command is there, or who waits for it. */
  readonly isAlive: boolean;
  /** Whether somebody may still write. */
  readonly isPiped: boolean;
  /** What was said before it ran: nothing yet, READY, or the status for it and why it cannot. */
  readonly word: string;
  /** The exit status as a shell tells it, once it has ended; and when that was. */
  readonly code: number | null;
  readonly endedAtMs: number | null;
}

/** Bytes that were written, and those that they take on disk. */
export interface JobSizes {
  readonly stdout: number;
  readonly stderr: number;
  readonly diskBytes: number;
}

export interface JobLaunch {
  /** Who waits for the command is gone: it is time to look. */
  onOver(): void;
  /** Not even that could be started. */
  onNotStarted(reason: string): void;
}

export interface SpoolHandlers {
  /** More is taken at once. */
  onDrain(): void;
  /** More is in the files. */
  onWritten(): void;
  /** What it has is not to be relied on. */
  onError(reason: string): void;
}

/** What is behind a gap in a stream, and where that begins. */
export interface SpoolEnd {
  readonly at: number;
  readonly bytes: Buffer;
}

/** Where a command that is no job leaves its output as one would. */
export interface OutputSpool {
  /** False: wait for `onDrain`. */
  write(channel: OutputChannel, bytes: Buffer): boolean;
  /** Bytes of a stream that are in its file, from its beginning on. */
  written(channel: OutputChannel): number;
  /** Settles when all is in the files, also the ends of the streams; rejects when it cannot be. */
  close(ends: Readonly<Record<OutputChannel, SpoolEnd>>): Promise<void>;
}

export interface JobHost {
  /** The present run of the kernel. */
  readonly boot: string;
  /** All jobs that are written down. What cannot be read is left out, and told to `onBroken`. */
  load(onBroken: (path: string, reason: string) => void): readonly KeptJob[];
  /** Writes a job down; on disk when it settles. Throws E_CANNOT_WRITE. */
  create(note: JobNote): Promise<void>;
  /** Starts what was written down. */
  launch(id: string, request: SpawnRequest, handlers: JobLaunch): void;
  /** Writes down a command that is no job, and takes its output. Throws E_CANNOT_WRITE. */
  openSpool(note: JobNote, handlers: SpoolHandlers): OutputSpool;
  look(id: string, boot: string): JobSight;
  sizes(id: string): JobSizes;
  /** Beginning of its stderr: what never ran may say there why. */
  complaint(id: string): string;
  /** Up to `length` bytes of a stream, from `at` on. */
  read(id: string, channel: OutputChannel, at: number, length: number): Promise<Buffer>;
  /** Signals the process group of the command; to how many processes, 0 when none is left. */
  signal(id: string, signal: NodeJS.Signals): number;
  /** Processes of the group of the command that have not ended. */
  countGroup(id: string): number;
  /** What a job of the node `target` has started that is not in its group. */
  strays(id: string, target: string): Strays;
  /** Throws E_CANNOT_WRITE. */
  writeEnding(id: string, ending: JobEnding): void;
  /** Writes down how it ended, and clears away what only a running job needs. */
  writeEnd(id: string, end: JobEnd): void;
  writeSamples(id: string, samples: readonly JobSample[], isWhole: boolean): void;
  /** What they hold cannot be read any more. */
  writeGaps(id: string, gaps: JobGaps): void;
  /** The same, and gives their room back to the disk. */
  cut(id: string, gaps: JobGaps): void;
  remove(id: string): void;
}
