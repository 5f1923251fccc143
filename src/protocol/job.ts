/** Jobs as nodes tell of them: the words of `job.*`. */
import { isNodeName } from './address.ts';
import { type ExecResult, parseExecResult } from './exec.ts';

/** Drawn by who starts the job, or made from its key; the same on all nodes of a run. */
const ID = /^[0-9a-f]{20}$/;

/** Whether a text may be the id of a job. Only then it may be part of a path. */
export function isJobId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** The channel on which lists of jobs come, a record of JSON to a line. */
export const JOB_LIST_CHANNEL = 1;

export type JobState = 'running' | 'ended';

/** How much a job wrote to one of its streams. */
export interface JobStream {
  readonly bytes: number;
  /** Those of them that are not kept any more. */
  readonly omittedBytes: number;
}

/** How far both streams of a job were read, in bytes. */
export interface JobPlace {
  readonly stdout: number;
  readonly stderr: number;
}

/** One job on one node. */
export interface JobRecord {
  readonly id: string;
  readonly node: string;
  /** Who asked for it, by its own word, and on which node. */
  readonly owner: string;
  /** As whom it runs, a user or USER:GROUP; absent: as its node does. */
  readonly runsAs?: string;
  /** The command, cut where it is very long. */
  readonly command: string;
  readonly state: JobState;
  /** Its verdict, once it has ended. */
  readonly result: ExecResult | null;
  /** Of the command; null when it was never started, or has not been yet. */
  readonly pid: number | null;
  /** Milliseconds since the epoch, by the clock of its node. */
  readonly submittedAtMs: number;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly timeoutMs: number | null;
  /** The place of this node among all of the run, from 0, and how many they are. */
  readonly rank: number;
  readonly count: number;
  /** Whether it has a key: who asks for it again gets this one. */
  readonly isKeyed: boolean;
  /** Whether somebody waits for it, or did: an exec that is no job. */
  readonly isExec: boolean;
  readonly stdout: JobStream;
  readonly stderr: JobStream;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function parseAmount(value: unknown): number | null {
  return isAmount(value) ? value : null;
}

function parseStream(value: unknown): JobStream {
  const { bytes, omittedBytes } = (value ?? {}) as Record<keyof JobStream, unknown>;
  return { bytes: parseAmount(bytes) ?? 0, omittedBytes: parseAmount(omittedBytes) ?? 0 };
}

function parseNumbers(record: Record<keyof JobRecord, unknown>) {
  const { submittedAtMs, rank, count } = record;
  if (!isAmount(submittedAtMs) || !isAmount(rank) || !isAmount(count)) return undefined;
  return {
    ...{ submittedAtMs, rank, count },
    pid: parseAmount(record.pid),
    startedAtMs: parseAmount(record.startedAtMs),
    endedAtMs: parseAmount(record.endedAtMs),
    timeoutMs: parseAmount(record.timeoutMs),
    stdout: parseStream(record.stdout),
    stderr: parseStream(record.stderr),
  };
}

/** The job in a decoded value, or undefined when it is none. */
export function parseJobRecord(value: unknown): JobRecord | undefined {
  const record = (value ?? {}) as Record<keyof JobRecord, unknown>;
  const { id, node, owner, command, state } = record;
  const numbers = parseNumbers(record);
  if (numbers === undefined || !isJobId(id)) return undefined;
  if (typeof node !== 'string' || !isNodeName(node)) return undefined;
  if (typeof owner !== 'string' || typeof command !== 'string') return undefined;
  if (state !== 'running' && state !== 'ended') return undefined;
  const result = state === 'ended' ? parseExecResult(record.result) : null;
  if (result === undefined) return undefined;
  const { runsAs } = record;
  const user = typeof runsAs === 'string' ? { runsAs } : {};
  const flags = { isKeyed: record.isKeyed === true, isExec: record.isExec === true };
  return { id, node, owner, ...user, command, state, result, ...flags, ...numbers };
}
