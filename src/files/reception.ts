/** Carries out the plan of one content: obtains its blocks and hands each to where it belongs. */
import { assertNever } from '../base/assert.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import type { Content } from '../protocol/file.ts';
import { FILE_BLOCK_BYTES } from '../protocol/limits.ts';
import { blockBytes, hashOf } from './blocks.ts';
import { createPlan, type Place, type PlanInput, type PlanOutput, step } from './plan.ts';

/** Obtains a block that has this hash. Throws why it cannot. */
export type Obtain = (content: Content, place: Place, hash: string) => Promise<Buffer>;

/** Where the blocks go. */
export interface Sink {
  /** Bytes at its beginning that a former copy may have left. */
  readonly bytesLeft: number;
  read(at: number, bytes: number): Promise<Buffer>;
  write(at: number, bytes: Buffer): Promise<void>;
}

export interface ReceptionComponents {
  readonly clock: Clock;
  readonly obtain: Obtain;
  /** Ends it: throws E_COPY_CANCELLED. */
  readonly signal: AbortSignal;
  /** Bytes that are in place, and whether they had to come. */
  onBytes(bytes: number, hasCome: boolean): void;
}

class Reception {
  readonly #content: Content;
  readonly #sink: Sink;
  readonly #components: ReceptionComponents;
  readonly #plan;
  readonly #came = new Set<number>();
  #stopTimer: (() => void) | undefined;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  /** What is being done with the sink: it ends before anybody closes that. */
  readonly #working = new Set<Promise<void>>();
  #isOver = false;

  constructor(content: Content, sink: Sink, components: ReceptionComponents) {
    this.#content = content;
    this.#sink = sink;
    this.#components = components;
    const nowMs = components.clock.monotonicMs();
    this.#plan = createPlan(content, sink.bytesLeft, nowMs);
  }

  async run(): Promise<void> {
    const { signal } = this.#components;
    const cancel = () => this.#reject(new DagentError('E_COPY_CANCELLED', {}));
    try {
      await new Promise<void>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        signal.addEventListener('abort', cancel);
        if (signal.aborted) cancel();
        else this.#feed({ kind: 'begin' });
      });
    } finally {
      this.#isOver = true;
      signal.removeEventListener('abort', cancel);
      this.#stopTimer?.();
      await Promise.all(this.#working);
    }
  }

  #feed(input: PlanInput): void {
    if (this.#isOver) return;
    const nowMs = this.#components.clock.monotonicMs();
    for (const output of step(this.#plan, input, nowMs)) this.#perform(output);
  }

  #perform(output: PlanOutput): void {
    switch (output.kind) {
      case 'ask':
        return void this.#ask(output.place, output.hash);
      case 'check':
        return this.#work(() => this.#check(output.index, output.hash));
      case 'write':
        return this.#work(() => this.#write(output.index, output.bytes));
      case 'wake':
        return this.#wakeAt(output.atMs);
      case 'done':
        return this.#resolve();
      case 'fail':
        return this.#reject(errorFromData(output.error));
      default:
        return assertNever(output);
    }
  }

  async #ask(place: Place, hash: string): Promise<void> {
    try {
      const bytes = await this.#components.obtain(this.#content, place, hash);
      if (place.level === 0) this.#came.add(place.index);
      this.#feed({ kind: 'came', place, bytes });
    } catch (error) {
      if (!(error instanceof DagentError)) return this.#reject(error as Error);
      this.#feed({ kind: 'failed', place, error: error.toData() });
    }
  }

  /** What the sink refuses no other try mends. */
  #work(action: () => Promise<void>): void {
    const work = action()
      .catch((error: Error) => this.#reject(error))
      .finally(() => this.#working.delete(work));
    this.#working.add(work);
  }

  async #check(index: number, hash: string): Promise<void> {
    const bytes = blockBytes(this.#content.size, 0, index);
    const isGood = hashOf(await this.#sink.read(index * FILE_BLOCK_BYTES, bytes)) === hash;
    if (isGood) this.#components.onBytes(bytes, false);
    this.#feed({ kind: 'checked', index, isGood });
  }

  async #write(index: number, bytes: Buffer): Promise<void> {
    if (this.#isOver) return;
    await this.#sink.write(index * FILE_BLOCK_BYTES, bytes);
    this.#components.onBytes(bytes.length, this.#came.delete(index));
    this.#feed({ kind: 'written', index });
  }

  #wakeAt(atMs: number): void {
    const { clock } = this.#components;
    this.#stopTimer?.();
    const waitMs = Math.max(1, Math.ceil(atMs - clock.monotonicMs()) + 1);
    this.#stopTimer = clock.after(waitMs, () => this.#feed({ kind: 'tick' }));
  }
}

/**
 * Receives a content into a sink; settles when all of it is there, each block with its hash. Throws
 * what the source or the sink ended it with, and E_COPY_CANCELLED.
 */
export function receive(
  content: Content,
  sink: Sink,
  components: ReceptionComponents,
): Promise<void> {
  return new Reception(content, sink, components).run();
}

/** Receives a content of bounded size into memory. Throws as {@link receive}. */
export async function receiveBytes(
  content: Content,
  components: ReceptionComponents,
): Promise<Buffer> {
  const whole = Buffer.alloc(content.size);
  const sink: Sink = {
    bytesLeft: 0,
    read: (at, bytes) => Promise.resolve(whole.subarray(at, at + bytes)),
    write: (at, bytes) => Promise.resolve(void whole.set(bytes, at)),
  };
  // It is no part of what is copied.
  await receive(content, sink, { ...components, onBytes: () => undefined });
  return whole;
}
