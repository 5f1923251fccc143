/** Jobs of nodes, as a client asks for them. */
import { DagentError } from '../protocol/errors.ts';
import type { ExecResult, ExecSpec } from '../protocol/exec.ts';
import { type JobRecord, type JobState, parseJobRecord } from '../protocol/job.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import type { Client } from './client.ts';
import { type CommandOptions, resultOf } from './exec.ts';
import { type OnAway, persist } from './job-persistence.ts';
import { openRecordStream } from './record-stream.ts';

/** How a job is to be started. */
export interface JobStart {
  /** 20 hexadecimal digits that nobody guesses. */
  readonly id: string;
  /** The same key never runs twice on a node; its job has an id of its own. */
  readonly key?: string | undefined;
  /** Who starts it. */
  readonly owner: string;
  readonly spoolBytes?: number | undefined;
}

/** The job in an answer. Throws E_NOT_UNDERSTOOD. */
export function readRecord(value: unknown, target: string, command: string): JobRecord {
  const record = parseJobRecord(value);
  if (record !== undefined) return record;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: `${target}:`, command });
}

async function askOne(
  client: Client,
  target: string,
  method: string,
  args: readonly unknown[],
): Promise<JobRecord> {
  const value = await client.call(`${target}:`, method, args, { timeoutMs: REQUEST_MS_MAX });
  return readRecord(value, target, method);
}

/**
 * Starts a job on a node. Throws E_JOB_TAKEN, E_ARGUMENT_INVALID, and what keeps the node from
 * answering within `connectMs`: E_DEADLINE, E_UNREACHABLE.
 */
export async function startJob(
  client: Client,
  target: string,
  { connectMs, ...spec }: ExecSpec & CommandOptions,
  { id, key, owner, spoolBytes }: JobStart,
): Promise<JobRecord> {
  const wish = {
    ...(key === undefined ? { id } : { key }),
    owner,
    ...(spoolBytes === undefined ? {} : { spoolBytes }),
  };
  const limit = connectMs === undefined ? {} : { timeoutMs: connectMs };
  const value = await client.call(`${target}:`, 'job.start', [spec, wish], limit);
  return readRecord(value, target, 'job.start');
}

/** Which jobs of a node are listed. */
export interface JobFilter {
  readonly id?: string | undefined;
  readonly state?: JobState | undefined;
}

/** The jobs of a node. What makes no sense to us is left out. */
export async function listJobs(
  client: Client,
  target: string,
  filter: JobFilter,
  timeoutMs?: number,
): Promise<JobRecord[]> {
  const records: JobRecord[] = [];
  const call = { method: 'job.list', args: [filter], timeoutMs };
  const stream = openRecordStream(client, `${target}:`, call, {
    onRecord(value): void {
      const record = parseJobRecord(value);
      if (record !== undefined) records.push(record);
    },
    drained: () => undefined,
  });
  await stream.over;
  return records;
}

/** One job, with all of its command. Throws E_JOB_UNKNOWN. */
export function showJob(client: Client, target: string, id: string): Promise<JobRecord> {
  return askOne(client, target, 'job.show', [id]);
}

/**
 * A job when it has ended. A node that goes away meanwhile, or to which our own
 * daemon does, is asked again: see {@link persist}.
 * Throws E_JOB_UNKNOWN, and what keeps the node from answering at all.
 */
export async function waitForJob(
  client: Client,
  target: string,
  id: string,
  wish: { readonly onAway?: OnAway; readonly signal?: AbortSignal } = {},
): Promise<JobRecord> {
  const record = await showJob(client, target, id);
  if (record.state === 'ended') return record;
  const isReturning = (): boolean => client.isReturning;
  return persist(() => askOne(client, target, 'job.wait', [id]), { ...wish, isReturning });
}

/** Ends a job; how it ended. Throws E_JOB_UNKNOWN. */
export function cancelJob(
  client: Client,
  target: string,
  id: string,
  reason?: string,
): Promise<JobRecord> {
  return askOne(client, target, 'job.cancel', reason === undefined ? [id] : [id, reason]);
}

/** Signals a job; false when it has ended. Throws E_JOB_UNKNOWN. */
export async function signalJob(
  client: Client,
  target: string,
  id: string,
  signal: NodeJS.Signals,
): Promise<boolean> {
  const value = await client.call(`${target}:`, 'job.signal', [id, signal]);
  return (value as { isSent?: unknown } | null)?.isSent === true;
}

/** Forgets a job; true when it stays because it has a key. Throws E_JOB_UNKNOWN, E_JOB_RUNS. */
export async function removeJob(client: Client, target: string, id: string): Promise<boolean> {
  const value = await client.call(`${target}:`, 'job.remove', [id]);
  return (value as { isKept?: unknown } | null)?.isKept === true;
}

/** What became of a job, as a verdict; of one that still runs, `lost` with this reason. */
export function resultOfJob({ result }: JobRecord, reason: string): ExecResult {
  return result ?? { verdict: 'lost', reason, ms: 0 };
}

/** The verdict on a node that could not say what became of its job. */
export function resultOfFailure(error: unknown): ExecResult {
  if (error instanceof DagentError) return resultOf(error, 0);
  throw error;
}
