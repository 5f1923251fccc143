/**
 * Which nodes have a job: those that --on names, those that were to run it when it was started
 * here, or all that know it when they are asked.
 */
import * as Flags from '@oclif/core/flags';
import {
  forgetOldest,
  memoryPathOf,
  readJson,
  resolveHome,
  writeMemory,
} from '../adapters/home.ts';
import { escapeLine } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import { listJobs } from '../client/jobs.ts';
import { fetchTree } from '../client/tree.ts';
import { DagentError } from '../protocol/errors.ts';
import { isJobId, type JobRecord } from '../protocol/job.ts';
import { JOB_MEMORIES_MAX, LAST_RUN_BYTES_MAX } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';
import { expandNames } from '../protocol/selector-parser.ts';
import { viaFlags } from './base.ts';
import { lookUpListed } from './listed-targets.ts';
import { withoutName } from './own-name.ts';
import { lookUpWanted, readTargets, type TargetFlags } from './target-flags.ts';
import { wordArg } from './words.ts';

export const jobArg = wordArg({ required: true, description: 'Id of the job: see dagent job ls' });

/** Flags of every command about one job. */
export const oneJobFlags = {
  on: Flags.string({
    helpValue: 'TARGET',
    description: 'Only on these nodes; on all that have it otherwise',
  }),
  ...viaFlags,
};

interface Place {
  readonly on?: string | undefined;
  readonly home?: string | undefined;
}

/** The id of a job, as it was typed. Throws E_USAGE. */
export function checkJobId(text: string): string {
  if (isJobId(text)) return text;
  const rule = 'it has 20 hexadecimal digits; see dagent job ls';
  const reason = `${text} is not the id of a job: ${rule}`;
  throw new DagentError('E_USAGE', { reason });
}

const PREFIX = 'job-';

/**
 * Remembers which nodes were to run a job. A home that cannot be written in is one without a
 * memory.
 */
export function rememberJob(flag: string | undefined, id: string, names: readonly string[]): void {
  const home = resolveHome(flag, process.env);
  const targets = foldNames(names);
  if (targets.length > LAST_RUN_BYTES_MAX) return;
  try {
    writeMemory(home, `${PREFIX}${id}`, { targets });
    forgetOldest(home, PREFIX, JOB_MEMORIES_MAX);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function recallJob(flag: string | undefined, id: string): readonly string[] | undefined {
  const home = resolveHome(flag, process.env);
  const value = readJson(memoryPathOf(home, `${PREFIX}${id}`));
  const { targets } = (value ?? {}) as { targets?: unknown };
  return typeof targets === 'string' ? expandNames(targets) : undefined;
}

/** What all of several nodes say, each with its name. */
export interface Answers<T> {
  readonly answers: readonly { readonly target: string; readonly value: T }[];
  readonly failures: readonly { readonly target: string; readonly error: DagentError }[];
}

/** Asks each of several nodes. */
export async function askEach<T>(
  names: readonly string[],
  ask: (target: string) => Promise<T>,
): Promise<Answers<T>> {
  const answers: { target: string; value: T }[] = [];
  const failures: { target: string; error: DagentError }[] = [];
  await Promise.all(
    names.map(async (target) => {
      try {
        answers.push({ target, value: await ask(target) });
      } catch (error) {
        if (!(error instanceof DagentError)) throw error;
        failures.push({ target, error });
      }
    }),
  );
  return { answers, failures };
}

/** Says on stderr who could not be asked, those with one reason together. */
function tellFailures({ failures }: Answers<unknown>): void {
  for (const [code, group] of Map.groupBy(failures, ({ error }) => error.code)) {
    const names = foldNames(group.map(({ target }) => target));
    const [first] = group;
    const only = group.length === 1 ? first : undefined;
    const why = only === undefined ? code : withoutName(only.error.message, only.target);
    process.stderr.write(`dagent: ${escapeLine(`${names} does not tell: ${why}`)}\n`);
  }
}

/** All nodes of the tree, also those that were lost lately. */
async function findAll(client: Client): Promise<readonly string[]> {
  const { nodes } = await fetchTree(client);
  return nodes.map(({ name }) => name);
}

/**
 * The nodes that a list of jobs is for: those of TARGET, or all. Names that nobody has are told on
 * stderr. Throws E_NO_TARGET when nothing is left, E_USAGE for the id of a job.
 */
export async function findNodes(
  client: Client,
  words: readonly string[],
  flags: TargetFlags,
): Promise<readonly string[]> {
  const isAll = words.length === 0 && flags.file === undefined;
  const id = words.find(isJobId);
  if (id !== undefined) {
    throw new DagentError('E_USAGE', { reason: `${id} is the id of a job: dagent job show ${id}` });
  }
  return (await lookUpListed(client, await readTargets(isAll ? ['*'] : words, flags))).names;
}

/** The nodes that --on names. Throws E_NO_TARGET when nobody has one of the names. */
async function findNamed(client: Client, on: string, home: string | undefined) {
  const wanted = await readTargets([on], { home });
  const { names, unknown } = await lookUpWanted(client, { ...wanted, isKnown: true });
  return [...names, ...unknown];
}

interface Found {
  readonly names: readonly string[];
  /** How many more were to run it, of which nobody here knows the names. */
  readonly missing: number;
}

/** A node lists the job, or does not: E_NO_METHOD of an older one is as good as none. */
async function search(client: Client, id: string): Promise<Found> {
  const names = await findAll(client);
  const asked = await askEach(names, (target) => listJobs(client, target, { id }));
  tellFailures(asked);
  const found = asked.answers.filter(({ value }) => value.length > 0);
  const expected = found[0]?.value[0]?.count ?? 0;
  const missing = Math.max(0, expected - found.length);
  if (missing > 0) {
    const have = `${found.length} of its ${expected} nodes have the job`;
    process.stderr.write(`dagent: ${have}; of the others nothing is known\n`);
  }
  return { names: found.map(({ target }) => target), missing };
}

export interface FoundJob extends Found {
  readonly id: string;
  /** One node, and the only one of its run: then it behaves as ssh does. */
  readonly isSingle: boolean;
}

/** Where a job is. Throws E_USAGE, E_JOB_NOWHERE, and what stands in the way of --on. */
export async function findJob(client: Client, text: string, flags: Place): Promise<FoundJob> {
  const id = checkJobId(text);
  const known =
    flags.on === undefined
      ? recallJob(flags.home, id)
      : await findNamed(client, flags.on, flags.home);
  const { names, missing } =
    known === undefined ? await search(client, id) : { names: known, missing: 0 };
  if (names.length === 0) throw new DagentError('E_JOB_NOWHERE', { id });
  const sorted = expandNames(foldNames(names));
  return { id, names: sorted, missing, isSingle: sorted.length + missing === 1 };
}

/**
 * What several nodes have said of a job that was found on them, when that is more than a verdict on
 * each: E_JOB_UNKNOWN of the only one, E_JOB_NOWHERE of all, is thrown.
 */
export function checkKnown({ id, names }: FoundJob, errors: readonly DagentError[]): void {
  const unknown = errors.filter(({ code }) => code === 'E_JOB_UNKNOWN');
  const [first] = unknown;
  if (first === undefined || unknown.length < names.length) return;
  throw names.length === 1 ? first : new DagentError('E_JOB_NOWHERE', { id });
}

/**
 * What was asked while somebody watched a job: when our own daemon is gone, nothing is known of the
 * job but that it goes on. Throws E_JOB_UNWATCHED.
 */
export function checkWatched(
  { isConnected }: Pick<Client, 'isConnected'>,
  id: string,
  [error]: readonly DagentError[],
): void {
  if (error === undefined || isConnected) return;
  throw new DagentError('E_JOB_UNWATCHED', { id, reason: error.message });
}

/** Asks each node of a job. Throws E_JOB_UNKNOWN, E_JOB_NOWHERE when none has it any more. */
export async function askJob<T>(
  job: FoundJob,
  ask: (target: string) => Promise<T>,
): Promise<Answers<T>> {
  const asked = await askEach(job.names, ask);
  checkKnown(
    job,
    asked.failures.map(({ error }) => error),
  );
  return asked;
}

/** Jobs of several nodes, each by its id, the latest first. */
export function groupJobs(records: readonly JobRecord[]): JobRecord[][] {
  const groups = [...Map.groupBy(records, ({ id }) => id).values()];
  const startOf = (group: readonly JobRecord[]) =>
    Math.min(...group.map(({ submittedAtMs }) => submittedAtMs));
  return groups.sort((a, b) => startOf(b) - startOf(a));
}
