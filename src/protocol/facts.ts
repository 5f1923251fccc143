/** Facts of hosts: their classes, and how they are asked for. */
import { type ErrorCode, isErrorCode } from './errors.ts';

/** All classes, in the order in which they are shown. */
export const FACT_CLASSES = [
  'kernel',
  'os',
  'hardware',
  'virtualization',
  'cpu',
  'memory',
  'disks',
  'filesystems',
  'network',
  'users',
  'load',
  'uptime',
  'processes',
  'packages',
  'services',
  'clock',
  'environment',
] as const;

export type FactClass = (typeof FACT_CLASSES)[number];

/**
 * Which accounts the class `users` tells: all (unless said), those of people, those of the system,
 * or the one of a name.
 */
export type WhichUsers = 'all' | 'normal' | 'system' | { readonly name: string };

/** What may be said besides the classes. */
export interface FactOptions {
  readonly users?: WhichUsers;
}

/** What stands in the place of a class that failed. */
export interface InfoFailure {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}

export function isInfoFailure(facts: unknown): facts is InfoFailure {
  if (typeof facts !== 'object' || facts === null || !('error' in facts)) return false;
  const { code, message } = (facts.error ?? {}) as Readonly<Record<string, unknown>>;
  return isErrorCode(code) && typeof message === 'string';
}

/** Facts by names that are no fields of ours: a name that is not there says that there is none. */
export const FACT_MAPS: readonly string[] = ['packages.installed', 'services.units', 'environment'];

/** The class that a word names, or undefined. */
export function parseFactClass(word: string): FactClass | undefined {
  return FACT_CLASSES.find((each) => each === word);
}

/** Which accounts a value that came from elsewhere means; undefined when it means none. */
export function parseWhichUsers(value: unknown): WhichUsers | undefined {
  if (value === 'all' || value === 'normal' || value === 'system') return value;
  if (typeof value !== 'object' || value === null || !('name' in value)) return undefined;
  return typeof value.name === 'string' && value.name !== '' ? { name: value.name } : undefined;
}
