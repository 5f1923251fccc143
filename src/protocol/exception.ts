/**
 * What a method threw, as it crosses a link: its class, where that is from, its arguments, and what
 * else it carries. No stack trace: that is for those who keep the service.
 */
import { toText } from '../base/text.ts';
import { EXCEPTION_BYTES_MAX } from './limits.ts';
import { isMap, pack } from './pack.ts';
import { flawOf } from './value.ts';

/** A remote exception. */
export interface RemoteException {
  /** Where its class is from, as far as its language knows that; '' otherwise. */
  readonly module: string;
  readonly class: string;
  readonly message: string;
  readonly args: readonly unknown[];
  readonly state: Readonly<Record<string, unknown>>;
}

/** A character takes four bytes at most. */
const TEXT_LENGTH_MAX = EXCEPTION_BYTES_MAX / 4;

/** Fields of an error that are told otherwise, or not at all. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'args', 'module']);

/** Only what can travel, and is small: an error must arrive. */
function isTelling(value: unknown): boolean {
  return flawOf(value) === undefined && pack(value).length <= EXCEPTION_BYTES_MAX;
}

/** What there is to tell of whatever was thrown. */
export function exceptionOf(thrown: unknown): RemoteException {
  const isObject = typeof thrown === 'object' && thrown !== null;
  if (!isObject || !(thrown instanceof Error)) {
    const message = toText(thrown).slice(0, TEXT_LENGTH_MAX);
    return { module: '', class: 'Error', message, args: [message], state: {} };
  }
  const fields = thrown as Error & { readonly args?: unknown; readonly module?: unknown };
  const message = toText(fields.message).slice(0, TEXT_LENGTH_MAX);
  const args = Array.isArray(fields.args) && isTelling(fields.args) ? fields.args : [message];
  const entries = Object.entries(fields).filter(([name]) => !OWN_FIELDS.has(name));
  const state = Object.fromEntries(entries.filter(([, value]) => isTelling(value)));
  return {
    module: typeof fields.module === 'string' ? fields.module : '',
    class: toText(fields.name),
    message,
    args: args as readonly unknown[],
    state: isTelling(state) ? state : {},
  };
}

/** The exception in the details of an error; `fallback` says what its values do. */
export function parseException(
  details: unknown,
  fallback: { readonly class: string; readonly message: string },
): RemoteException {
  const fields = (details ?? {}) as Partial<Record<keyof RemoteException, unknown>>;
  const { module, args, state } = fields;
  return {
    module: toText(module),
    ...fallback,
    args: Array.isArray(args) ? (args as readonly unknown[]) : [fallback.message],
    state: isMap(state) ? state : {},
  };
}
