/** Why each place did not take a node in, and whether that is for good. */
import { type ErrorCode, type ErrorData, errorFromData } from '../protocol/errors.ts';

/** Refusals that trying again will not change: somebody has to look after something first. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set([
  'E_NAME_TAKEN',
  'E_ID_TAKEN',
  'E_LEAF_PARENT',
  'E_LOOP',
  'E_REALM',
  'E_VERSION',
  'E_NOT_OURS',
  'E_SSH_HOST_KEY',
  'E_SSH_AUTH',
]);

/** Places of which it is remembered why they did not take this node in: as many as can be read. */
const FAILURES_MAX = 8;

/** Whether trying again will not change it. */
export function isFinal(error: ErrorData): boolean {
  return FINAL_CODES.has(error.code);
}

export class Refusals {
  readonly #failures = new Map<string, ErrorData>();

  /** The last word of each place that was tried. */
  get reason(): string {
    const words = [...this.#failures].map(([url, error]) => {
      const { message } = errorFromData(error);
      return message.includes(url) ? message : `${url}: ${message}`;
    });
    return words.join('; ') || 'no answer';
  }

  /**
   * Remembers why a place did not take this node in; true when that is for good. Where a name is
   * taken it is; and so it is when all places have been tried (there is a pause of `retryMs`
   * milliseconds), and none of them will think again.
   */
  add(url: string, error: ErrorData, retryMs: number): boolean {
    this.#failures.delete(url);
    this.#failures.set(url, error);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > FAILURES_MAX && oldest !== undefined) this.#failures.delete(oldest);
    const isForGood = [...this.#failures.values()].every(isFinal);
    const isTaken = error.code === 'E_NAME_TAKEN' || error.code === 'E_ID_TAKEN';
    return isTaken || (isForGood && retryMs > 0);
  }

  clear(): void {
    this.#failures.clear();
  }
}
