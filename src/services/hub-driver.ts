/**
 * Drives a hub with a store and a clock. What comes while something is synced goes together in the
 * next write, and nobody hears an answer before it is on disk. When the disk refuses, those who
 * asked hear so, and the hub is again what the disk has.
 */
import type { RecordRange, RecordWrite, StoredRecord } from '../base/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { DagentError, type ErrorData, errorFromData } from '../protocol/errors.ts';
import { type HubInput, type HubOutcome, step } from './hub.ts';
import { type Hub, restoreHub } from './hub-state.ts';

export interface HubDriverComponents {
  readonly clock: Clock;
  readonly store: Store;
  readonly seed: number;
  /** Whether a node of the tree is there. */
  isUp(node: string): boolean;
}

type Answer = Exclude<HubOutcome['answer'], DagentError>;

interface Waiting {
  readonly input: HubInput;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: DagentError) => void;
}

const PAGE = { countMax: 1_000, bytesMax: 1_048_576 };
/** A timer of the system takes no longer waits; it is set again then. */
const WAIT_MS_MAX = 86_400_000;

function* readAll(
  store: Store,
  range: Pick<RecordRange, 'from' | 'below'>,
): Iterable<StoredRecord> {
  let { from } = range;
  for (;;) {
    const { records, isEnd } = store.read({ from, below: range.below, ...PAGE });
    yield* records;
    const last = records.at(-1);
    if (isEnd || last === undefined) return;
    from = `${last.key}\0`;
  }
}

export class HubDriver {
  readonly #components: HubDriverComponents;
  #hub: Hub;
  #seed: number;
  #waiting: Waiting[] = [];
  #isWorking = false;
  #isClosed = false;
  #stopTimer: (() => void) | undefined;

  constructor(components: HubDriverComponents) {
    this.#components = components;
    this.#seed = components.seed;
    this.#hub = this.#restore();
    this.#wake();
  }

  /** The hub as it is now, to look at. */
  get hub(): Hub {
    return this.#hub;
  }

  #restore(): Hub {
    const { store, isUp } = this.#components;
    const records = {
      readAll: (range: Pick<RecordRange, 'from' | 'below'>) => readAll(store, range),
      setAside: (key: string, reason: string) => store.setAside(key, reason),
    };
    const hub = restoreHub(records, this.#seed++);
    for (const entry of hub.entries.values()) {
      if (entry.port === 0) entry.isLost = !isUp(entry.address);
    }
    return hub;
  }

  /** Feeds one input. Throws why it was refused: by the hub, or by the disk. */
  ask(input: HubInput): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  /** Feeds one input whose answer nobody waits for. */
  tell(input: HubInput): void {
    // What the disk refuses comes again: leases at the next tick, nodes when they are seen.
    this.ask(input).catch(() => undefined);
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const outcomes = batch.map(({ input }) =>
        step(this.#hub, input, this.#components.clock.wallMs()),
      );
      const refusal = await this.#write(outcomes.flatMap(({ writes }) => writes));
      if (refusal !== undefined) this.#hub = this.#restore();
      for (const [at, { resolve, reject }] of batch.entries()) {
        const answer = refusal === undefined ? outcomes[at]!.answer : errorFromData(refusal);
        if (answer instanceof DagentError) reject(answer);
        else resolve(answer);
      }
    }
    this.#isWorking = false;
    this.#wake();
  }

  #write(writes: readonly RecordWrite[]): Promise<ErrorData | undefined> {
    if (writes.length === 0) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#components.store.write(writes, resolve));
  }

  #wake(): void {
    const { clock } = this.#components;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const { nextExpiryMs } = this.#hub;
    if (this.#isClosed || nextExpiryMs === Number.POSITIVE_INFINITY) return;
    // A timer may be early by a part of a millisecond, and the wall clock may be set.
    const waitMs = Math.min(WAIT_MS_MAX, Math.max(1, nextExpiryMs - clock.wallMs()));
    this.#stopTimer = clock.after(waitMs, () => this.tell({ kind: 'tick' }));
  }

  /** Ends it; what was asked for gets to the disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTimer?.();
    await this.#components.store.close();
  }
}
