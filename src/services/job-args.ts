/** Arguments of the methods of jobs, as they came: anything. */
import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import type { JobNote } from '../ports/job-host.ts';
import { parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { ExecSpec } from '../protocol/exec.ts';
import { isJobId, type JobPlace, type JobState } from '../protocol/job.ts';
import {
  EXEC_GRACE_MS,
  JOB_KEY_BYTES_MAX,
  JOB_SPOOL_BYTES_DEFAULT,
  JOB_SPOOL_BYTES_MAX,
  JOB_SPOOL_BYTES_MIN,
} from '../protocol/limits.ts';
import { readSpec } from './exec-spec.ts';

type Fields = Readonly<Record<string, unknown>>;

function fail(method: string, reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method: `job.${method}`, reason });
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The id of a job. Throws E_ARGUMENT_INVALID. */
export function readId(value: unknown, method: string): string {
  if (isJobId(value)) return value;
  return fail(method, `${String(value).slice(0, 40)} is not the id of a job`);
}

function readSpool(value: unknown): number {
  if (value === undefined) return JOB_SPOOL_BYTES_DEFAULT;
  const [min, max] = [JOB_SPOOL_BYTES_MIN, JOB_SPOOL_BYTES_MAX];
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  return fail('start', `spoolBytes is ${String(value)}; it must be within ${min} and ${max}`);
}

function readOwner(value: unknown, from: string): string {
  const name = typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : 'somebody';
  return `${name}@${parseAddress(from)?.node ?? ''}`;
}

/** The id that a key stands for, on every node: who knows the key knows the job. */
function idOfKey(key: string): string {
  return createHash('sha256').update(`dagent job ${key}`).digest('hex').slice(0, 20);
}

/** The id of a new job: the one that was drawn for it, or that of its key. */
function readIdentity({ id, key }: Fields): { readonly id: string; readonly isKeyed: boolean } {
  if (key === undefined) return { id: readId(id, 'start'), isKeyed: false };
  if (typeof key !== 'string' || key === '') return fail('start', 'the key is not a text');
  const bytes = Buffer.byteLength(key);
  if (bytes <= JOB_KEY_BYTES_MAX) return { id: idOfKey(key), isKeyed: true };
  return fail('start', `the key has ${bytes} bytes; at most ${JOB_KEY_BYTES_MAX} are allowed`);
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function describe({ argv, script }: ExecSpec): string {
  // One word for a shell is told as it was typed.
  const [shell, option, line] = argv;
  if (script === undefined && argv.length === 3 && shell === 'sh' && option === '-c') {
    return line ?? '';
  }
  return [...(script === undefined ? [] : ['(script)']), ...argv.map(quote)].join(' ');
}

/** All that makes a difference for what runs; who asks, and the place in the run, do not. */
function hashOf(spec: ExecSpec): string {
  const { rank: _, count: __, job: ___, outputBytesMax: ____, owner: _____, ...what } = spec;
  const { script, ...rest } = what;
  return createHash('sha256')
    .update(JSON.stringify(rest))
    .update(script ?? '')
    .digest('hex');
}

/** As whom it runs; undefined: as the node itself. */
function describeUser({ user, group, isSudo }: ExecSpec): string | undefined {
  const name = user ?? (isSudo === true ? 'root' : undefined);
  return group === undefined ? name : `${name ?? ''}:${group}`;
}

interface Asked {
  readonly id: string;
  readonly from: string;
  readonly nowMs: number;
  readonly boot: string;
}

/** What is written down of any command. */
export function noteOf(spec: ExecSpec, { id, from, nowMs, boot }: Asked): JobNote {
  const runsAs = describeUser(spec);
  return {
    ...{ id, boot, isKeyed: false, hash: '' },
    owner: readOwner(spec.owner, from),
    ...(runsAs === undefined ? {} : { runsAs }),
    command: describe(spec),
    rank: spec.rank ?? 0,
    count: spec.count ?? 1,
    timeoutMs: spec.timeoutMs ?? null,
    overallMs: spec.overallMs ?? null,
    graceMs: spec.graceMs ?? EXEC_GRACE_MS,
    spoolBytes: JOB_SPOOL_BYTES_DEFAULT,
    submittedAtMs: nowMs,
  };
}

/** What is to be run, and what is written down of it. Throws E_ARGUMENT_INVALID. */
export function readStart(
  args: readonly unknown[],
  { from, nowMs, boot }: Omit<Asked, 'id'>,
): { readonly spec: ExecSpec; readonly note: JobNote } {
  const asked = readSpec(args[0]);
  if (asked.hasStdin) return fail('start', 'a job has no stdin');
  if (asked.terminal !== undefined) return fail('start', 'a job has no terminal');
  const wish = fieldsOf(args[1]);
  const { id, isKeyed } = readIdentity(wish);
  const spec: ExecSpec = { ...asked, job: id };
  const more = {
    ...{ isKeyed, owner: readOwner(wish.owner, from), hash: hashOf(spec) },
    spoolBytes: readSpool(wish.spoolBytes),
  };
  return { spec, note: { ...noteOf(spec, { id, from, nowMs, boot }), ...more } };
}

export interface OutputWish {
  /** Goes on until the job has ended. */
  readonly isFollowing: boolean;
  /** Only what was written since then, milliseconds since the epoch. */
  readonly sinceMs: number | undefined;
  /** From there on; what stood before was read already. */
  readonly at: JobPlace | undefined;
  /** Bytes of each stream that are sent: the first and the last of them. */
  readonly bytesMax: number;
  readonly tellsHost: boolean;
}

function readPlace(value: unknown): JobPlace | undefined {
  if (value === undefined) return undefined;
  const { stdout, stderr } = fieldsOf(value);
  const isPlace = (each: unknown): each is number =>
    Number.isSafeInteger(each) && Number(each) >= 0;
  if (isPlace(stdout) && isPlace(stderr)) return { stdout, stderr };
  return fail('output', 'at is no place in both streams');
}

function readBytesMax(value: unknown): number {
  if (value === undefined) return Number.MAX_SAFE_INTEGER;
  if (Number.isSafeInteger(value) && Number(value) > 0) return Number(value);
  return fail('output', 'outputBytesMax is no number of bytes');
}

/** How output is to be read. Throws E_ARGUMENT_INVALID. */
export function readOutputWish(value: unknown, nowMs: number): OutputWish {
  const { isFollowing, lastMs, at, tellsHost, outputBytesMax } = fieldsOf(value);
  const isAge = typeof lastMs === 'number' && lastMs >= 0;
  if (lastMs !== undefined && !isAge) return fail('output', 'lastMs is not a time');
  return {
    isFollowing: isFollowing === true,
    sinceMs: isAge ? nowMs - lastMs : undefined,
    at: readPlace(at),
    bytesMax: readBytesMax(outputBytesMax),
    tellsHost: tellsHost === true,
  };
}

export interface ListWish {
  readonly id: string | undefined;
  readonly state: JobState | undefined;
}

/** Which jobs are listed. Throws E_ARGUMENT_INVALID. */
export function readListWish(value: unknown): ListWish {
  const { id, state } = fieldsOf(value);
  if (state !== undefined && state !== 'running' && state !== 'ended') {
    return fail('list', 'state is neither running nor ended');
  }
  return { id: id === undefined ? undefined : readId(id, 'list'), state };
}

/** The name of a signal. Throws E_ARGUMENT_INVALID. */
export function readSignal(value: unknown): NodeJS.Signals {
  if (typeof value === 'string' && Object.hasOwn(constants.signals, value)) {
    return value as NodeJS.Signals;
  }
  return fail('signal', `${String(value).slice(0, 40)} is no signal`);
}
