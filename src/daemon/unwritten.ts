/**
 * What a daemon has to write, and a full disk does not take: it goes on without, says so, and tries
 * again until it is written.
 */
import { isDiskFull, writing } from '../adapters/files.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { REWRITE_MS } from '../protocol/limits.ts';

/** Writes what belongs at `path` by `action`: as {@link Unwritten.write}. */
export type Keep = (path: string, action: () => void) => void;

export interface UnwrittenComponents {
  readonly clock: Pick<Clock, 'every'>;
  readonly log: Logger;
}

export class Unwritten {
  readonly #components: UnwrittenComponents;
  /** What writes it, by path. */
  readonly #waiting = new Map<string, () => void>();
  #stopTimer: (() => void) | undefined;

  constructor(components: UnwrittenComponents) {
    this.#components = components;
  }

  /** Of what is not on the disk as it should be. */
  get paths(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /**
   * Writes what belongs at `path`, now or when there is room for it. `action` is called for that
   * once or more, and is the only one for that path. Throws E_CANNOT_WRITE when it is something
   * else that keeps it from being written; then it is not tried again.
   */
  write(path: string, action: () => void): void {
    const isNew = !this.#waiting.delete(path);
    try {
      action();
    } catch (error) {
      if (!isDiskFull(error)) {
        return writing(path, () => {
          throw error;
        });
      }
      if (isNew) this.#components.log.error('the disk is full: not written yet', { path });
      this.#waiting.set(path, action);
      this.#stopTimer ??= this.#components.clock.every(REWRITE_MS, () => this.#retry());
    }
  }

  #retry(): void {
    const { log } = this.#components;
    for (const [path, action] of [...this.#waiting]) {
      try {
        this.write(path, action);
        if (!this.#waiting.has(path)) log.info('written now', { path });
      } catch (error) {
        log.error('not written', { path, reason: String(error) });
      }
    }
    if (this.#waiting.size === 0) this.stop();
  }

  /** Tries no more: the files may be another daemon's from now on. */
  stop(): void {
    this.#waiting.clear();
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
