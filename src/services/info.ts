/**
 * Facts of a host, class by class: one that fails says so in its place, and the others are told.
 */
import { AssertionFailed } from '../base/assert.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import { INFO_CLASSES, type InfoClassName, type InfoOptions } from './info-classes.ts';

export type { InfoClassName, InfoOptions } from './info-classes.ts';
export type { WhichUsers } from './info-users.ts';

/** Time that a class has unless said otherwise: far more than a healthy host needs. */
const INFO_MS_DEFAULT = 5_000;

/**
 * Facts of one class, as JSON. More: E_TOO_LARGE for it, so that the others still fit a message.
 */
export const CLASS_BYTES_MAX = 262_144;

/** What is told when no class is named: all that costs a few milliseconds. */
export const INFO_CLASSES_DEFAULT: readonly InfoClassName[] = [
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

/** What stands in the place of a class that failed. */
export interface InfoFailure {
  readonly error: { readonly code: string; readonly message: string };
}

/** Names of all classes, in the order in which they are shown. */
export function listInfoClasses(): InfoClassName[] {
  return Object.keys(INFO_CLASSES) as InfoClassName[];
}

/** The classes named, each once; the default ones for none. Throws E_ARGUMENT_INVALID. */
export function parseInfoClasses(names: readonly string[]): readonly InfoClassName[] {
  if (names.length === 0) return INFO_CLASSES_DEFAULT;
  const known = listInfoClasses();
  const chosen = new Set<InfoClassName>();
  for (const name of names) {
    const found = known.find((each) => each === name);
    if (found === undefined) {
      const reason = `no class ${JSON.stringify(name)}; there are ${known.join(', ')}`;
      throw new DagentError('E_ARGUMENT_INVALID', { method: 'info', reason });
    }
    chosen.add(found);
  }
  return [...chosen];
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
  name: InfoClassName,
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
