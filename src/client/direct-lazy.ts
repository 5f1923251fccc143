/** Loads direct connections when they are needed: most programs, and all commands, never do. */
import type { Direct, DirectSide, DirectStatistics } from './direct.ts';

export type { DirectStatistics };

/** Figures where there is none. */
export const NO_DIRECT: DirectStatistics = { openedCount: 0, acceptedCount: 0, receivedCount: 0 };

export class LazyDirect {
  readonly #side: DirectSide;
  #direct: Direct | undefined;
  #loading: Promise<Direct | undefined> | undefined;
  #isPaused = false;
  #isClosed = false;

  constructor(side: DirectSide) {
    this.#side = side;
    const { endpoint } = side;
    endpoint.onBusy = (lane) => void this.#load().then((direct) => direct?.consider(lane));
    endpoint.onReserved = (exchange) =>
      void this.#load().then((direct) => direct?.answer(exchange));
  }

  /** Undefined when the program has ended meanwhile. */
  #load(): Promise<Direct | undefined> {
    this.#loading ??= import('./direct.ts').then(({ Direct }) => {
      if (this.#isClosed) return undefined;
      this.#direct = new Direct(this.#side);
      this.#direct.setPaused(this.#isPaused);
      return this.#direct;
    });
    return this.#loading;
  }

  get queuedBytes(): number {
    return this.#direct?.queuedBytes() ?? 0;
  }

  flush(): void {
    this.#direct?.flush();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#direct?.setPaused(isPaused);
  }

  leave(service: string): void {
    this.#direct?.leave(service);
  }

  statistics(): DirectStatistics {
    return this.#direct?.statistics() ?? NO_DIRECT;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#direct?.close();
  }
}
