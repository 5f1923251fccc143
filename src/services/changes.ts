/** Who waits for the next change of something. */
export class Changes {
  readonly #waiting = new Set<() => void>();

  tell(): void {
    for (const settle of [...this.#waiting]) settle();
  }

  /** Settles with the next change, or when `signal` is aborted. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      // Who waits for days leaves nothing behind on its signal.
      const settle = (): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle);
    });
  }
}
