/** Waiting for what another process brings about, up to a deadline. */
import { setTimeout as wait } from 'node:timers/promises';

/** How often is looked, in milliseconds, where a look costs nothing by itself. */
const LOOK_MS = 20;
/** On a busy machine all takes longer; what takes this long does not happen. */
export const PATIENCE_MS = 20_000;

/**
 * Looks until `look` returns something, and returns that; an assertion of its that fails means not
 * yet. Throws after `limitMs`, with the last error of `look` if there was one.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = PATIENCE_MS,
): Promise<T> {
  const deadlineAtMs = performance.now() + limitMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadlineAtMs) break;
    await wait(LOOK_MS);
  }
  const late = `not within ${limitMs} ms: ${what}`;
  if (!(last instanceof Error)) throw new Error(late);
  last.message = `${late}: ${last.message}`;
  throw last;
}
