/**
 * Facts of a host, class by class: one that fails says so in its place, and the others are told.
 */
import { AssertionFailed } from '../base/assert.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  FACT_CLASSES,
  type FactClass,
  type FactOptions,
  type InfoFailure,
  parseFactClass,
  parseWhichUsers,
} from '../protocol/facts.ts';
import { INFO_CLASSES, type InfoOptions } from './info-classes.ts';

/** Time that a class has unless said otherwise: far more than a healthy host needs. */
const INFO_MS_DEFAULT = 5_000;

/**
 * Facts of one class, as JSON. More: E_TOO_LARGE for it, so that the others still fit a message.
 */
export const CLASS_BYTES_MAX = 262_144;

/** What is told when no class is named: all that costs a few milliseconds. */
export const INFO_CLASSES_DEFAULT: readonly FactClass[] = [
  'kernel',
  'os',
  'cpu',
  'memory',
  'disks',
  'filesystems',
  'network',
  'users',
  'load',
  'uptime',
];

/** The classes named, each once; the default ones for none. Throws E_ARGUMENT_INVALID. */
function parseInfoClasses(names: readonly string[]): readonly FactClass[] {
  if (names.length === 0) return INFO_CLASSES_DEFAULT;
  const chosen = new Set<FactClass>();
  for (const name of names) {
    const found = parseFactClass(name);
    if (found === undefined) {
      const known = FACT_CLASSES.join(', ');
      throw invalid(`no class ${JSON.stringify(name)}; there are ${known}`);
    }
    chosen.add(found);
  }
  return [...chosen];
}

function invalid(reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: 'info', reason });
}

/**
 * The arguments of a call: names of classes, and last, if there is one, a map of options. Throws
 * E_ARGUMENT_INVALID.
 */
export function parseInfoArguments(args: readonly unknown[]): {
  readonly classes: readonly FactClass[];
  readonly options: FactOptions;
} {
  const last = args.at(-1);
  const isMap = typeof last === 'object' && last !== null;
  const names = isMap ? args.slice(0, -1) : args;
  if (!names.every((each) => typeof each === 'string')) throw invalid('classes must be texts');
  const classes = parseInfoClasses(names);
  if (!isMap) return { classes, options: {} };
  const users = 'users' in last ? parseWhichUsers(last.users) : undefined;
  if (users !== undefined) return { classes, options: { users } };
  throw invalid('the last argument is a class, or {users: all, normal, system or {name}}');
}

function toFailure(reason: unknown): InfoFailure {
  // A broken invariant is no fact of the host.
  if (reason instanceof AssertionFailed) throw reason;
  if (reason instanceof DagentError) {
    return { error: { code: reason.code, message: reason.message } };
  }
  const { code, message } = new DagentError('E_INTERNAL', { reason: String(reason) });
  return { error: { code, message } };
}

async function collectClass(
  probe: HostProbe,
  name: FactClass,
  options: InfoOptions,
): Promise<unknown> {
  const facts = await INFO_CLASSES[name](probe, options);
  const bytes = Buffer.byteLength(JSON.stringify(facts));
  if (bytes <= CLASS_BYTES_MAX) return facts;
  throw new DagentError('E_TOO_LARGE', { what: name, bytes, max: CLASS_BYTES_MAX });
}

/**
 * The facts of `classes` (none: the default ones) by class, collected at once. Rejects with
 * E_ARGUMENT_INVALID for a class that is none; a class that fails becomes {@link InfoFailure}.
 */
export async function collectInfo(
  probe: HostProbe,
  classes: readonly string[],
  options: Partial<InfoOptions> = {},
): Promise<Record<string, unknown>> {
  const names = parseInfoClasses(classes);
  const { timeoutMs = INFO_MS_DEFAULT, users = 'all' } = options;
  const answers = await Promise.allSettled(
    names.map((name) => collectClass(probe, name, { timeoutMs, users })),
  );
  const entries = answers.map((answer, at) => [
    names[at] ?? '',
    answer.status === 'fulfilled' ? answer.value : toFailure(answer.reason),
  ]);
  return Object.fromEntries(entries);
}
