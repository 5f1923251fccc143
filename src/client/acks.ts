/**
 * What a program says of the messages that it has done: first it is remembered that they are, then
 * they are acked. Both are gathered for a moment: one write, one call, one sync.
 */
import type { WindowFile } from '../adapters/window-file.ts';
import type { Held } from './held.ts';
import type { Lease } from './lease.ts';

export interface AcksOptions {
  readonly window: Pick<WindowFile, 'add'>;
  /** By which lease they go now. */
  lease(): Lease | undefined;
  /** The acks of these are stored; or it is not known whether they are. */
  onAcked(acked: readonly Held[]): void;
  onUnheard(unheard: readonly Held[]): void;
}

export class Acks {
  readonly #options: AcksOptions;
  #done: Held[] = [];
  #gathered: Held[] = [];
  #isScheduled = false;
  #unansweredCount = 0;

  constructor(options: AcksOptions) {
    this.#options = options;
  }

  /** Whether every call has had its answer. */
  get isIdle(): boolean {
    return this.#unansweredCount === 0;
  }

  /** To be remembered with the next call, before anything of it is acked. */
  addDone(held: Held): void {
    this.#done.push(held);
    this.#schedule();
  }

  /** To be acked with the next call. */
  add(held: Held): void {
    this.#gathered.push(held);
    this.#schedule();
  }

  /** By another connection all of it comes again. */
  drop(): void {
    this.#gathered = [];
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.send();
    });
  }

  /** Remembers what is done. Where that fails, each of them knows. */
  remember(): void {
    const done = this.#done;
    this.#done = [];
    try {
      this.#options.window.add(done.map(({ id }) => id));
    } catch (error) {
      for (const held of done) held.failure = error;
    }
  }

  /** What was gathered is remembered, and on its way, when this returns. */
  async send(): Promise<void> {
    this.remember();
    const [acks, lease] = [this.#gathered, this.#options.lease()];
    this.#gathered = [];
    const positions = acks.flatMap(({ position }) => (position === undefined ? [] : [position]));
    if (lease === undefined || positions.length === 0) return;
    this.#unansweredCount++;
    const isAcked = await lease.ack(positions).then(
      () => true,
      () => false,
    );
    this.#unansweredCount--;
    if (isAcked) this.#options.onAcked(acks);
    else this.#options.onUnheard(acks);
  }
}
