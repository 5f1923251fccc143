/**
 * Tells what a command has started outside of its process group to end. For commands that are ended
 * before their time: what one leaves behind that ends by itself is left alone.
 */
import type { Strays } from '../ports/strays.ts';
import { EXEC_STRAYS_MAX } from '../protocol/limits.ts';

export class StrayHunt {
  readonly #strays: Strays;
  /** Who was told, and by which signal. */
  readonly #told = new Map<string, NodeJS.Signals>();

  constructor(strays: Strays) {
    this.#strays = strays;
  }

  /** How many were found so far. */
  get foundCount(): number {
    return this.#told.size;
  }

  /** Whether one of them was left for KILL. */
  get hasKilled(): boolean {
    return [...this.#told.values()].includes('SIGKILL');
  }

  /** Tells each that there is, once; how many there are. */
  async look(signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
    const strays = await this.#strays.find();
    for (const stray of strays.slice(0, EXEC_STRAYS_MAX)) {
      const who = `${stray.pid} ${stray.startTicks}`;
      if (this.#told.get(who) === signal) continue;
      this.#told.set(who, signal);
      this.#strays.signal(stray, signal);
    }
    return strays.length;
  }
}
