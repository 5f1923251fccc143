/** Reading what a former run has kept. */
import type { KeptValue } from '../ports/kept-value.ts';
import type { Logger } from '../ports/logger.ts';

export interface RestoreComponents {
  readonly kept: KeptValue;
  readonly log: Logger;
}

/**
 * What is kept, as `parse` has it; undefined when there is nothing. What makes no sense is no
 * reason not to start: it is put aside for people, and the log names it by `what`.
 */
export function restoreKept<T>(
  { kept, log }: RestoreComponents,
  what: string,
  parse: (value: unknown) => T | undefined,
): T | undefined {
  let reason = 'it makes no sense';
  try {
    const value = kept.read();
    const parsed = value === undefined ? undefined : parse(value);
    if (value === undefined || parsed !== undefined) return parsed;
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  try {
    log.error(`${what} of former runs are set aside`, { path: kept.setAside(), reason });
  } catch (error) {
    log.error(`${what} of former runs are lost`, { reason, because: String(error) });
  }
  return undefined;
}
