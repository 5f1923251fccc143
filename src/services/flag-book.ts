/**
 * Keeps the flags of a node: feeds the state machine, and writes what it says. What comes while
 * something is written goes together in the next write, and nobody hears an answer before it is on
 * disk. When the disk refuses, those who asked hear so and nothing has changed; but what the daemon
 * says of itself counts all the same, and is written when the disk takes it again.
 */
import type { Clock } from '../ports/clock.ts';
import type { KeptValue } from '../ports/kept-value.ts';
import type { Logger } from '../ports/logger.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  type FlagChange,
  type FlagRecord,
  formatFlagKey,
  isOwnFlag,
  parseFlags,
} from '../protocol/flag.ts';
import { type FlagInput, type FlagOutcome, type FlagSet, NO_FLAGS, step } from './flag-state.ts';
import { restoreKept } from './restore.ts';

export interface FlagBookComponents {
  readonly clock: Clock;
  readonly log: Logger;
  readonly kept: KeptValue;
  /** Something about a flag has changed. */
  onChange(change: FlagChange, flag: FlagRecord): void;
}

interface Waiting {
  readonly input: FlagInput;
  readonly resolve: (outcome: FlagOutcome) => void;
  readonly reject: (error: unknown) => void;
}

type Step = FlagOutcome | DagentError;

/** The flags in what a file has; undefined when it makes no sense. */
function parseSet(value: unknown): FlagSet | undefined {
  const { revision, flags } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const known = parseFlags(flags);
  if (known === undefined || !Number.isSafeInteger(revision)) return undefined;
  const byName = known.map((flag): [string, FlagRecord] => [formatFlagKey(flag), flag]);
  return { revision: Number(revision), flags: new Map(byName) };
}

export class FlagBook {
  readonly #components: FlagBookComponents;
  #set: FlagSet;
  #waiting: Waiting[] = [];
  #working: Promise<void> | undefined;

  constructor(components: FlagBookComponents) {
    this.#components = components;
    const { revision, flags } = restoreKept(components, 'the flags', parseSet) ?? NO_FLAGS;
    this.#set = { revision: Math.max(revision, components.clock.wallMs()), flags };
  }

  /** The flags that are up now. */
  get set(): FlagSet {
    return this.#set;
  }

  /** Feeds one input; settles when it is on disk. Throws E_TOO_MANY_FLAGS, E_CANNOT_WRITE. */
  ask(input: FlagInput): Promise<FlagOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const { set, steps } = this.#stepAll(batch);
      const refusal = await this.#write(set);
      if (refusal === undefined) this.#settle(batch, set, steps);
      else this.#settleOwn(batch, refusal);
    }
    this.#working = undefined;
  }

  #stepAll(batch: readonly Waiting[]): { set: FlagSet; steps: Step[] } {
    let set = this.#set;
    const steps = batch.map(({ input }) => {
      const outcome = step(set, input, this.#components.clock.wallMs());
      if (!(outcome instanceof DagentError)) set = outcome.set;
      return outcome;
    });
    return { set, steps };
  }

  /** Why the disk does not take a set; undefined when it does, or has it. */
  async #write(set: FlagSet): Promise<unknown> {
    if (set === this.#set) return undefined;
    const { revision, flags } = set;
    try {
      await this.#components.kept.write({ revision, flags: [...flags.values()] });
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #settle(batch: readonly Waiting[], set: FlagSet, steps: readonly Step[]): void {
    this.#set = set;
    for (const [at, outcome] of steps.entries()) {
      if (outcome instanceof DagentError) {
        batch[at]?.reject(outcome);
        continue;
      }
      const { change, flag } = outcome;
      if (flag !== undefined) this.#components.onChange(change, flag);
      batch[at]?.resolve(outcome);
    }
  }

  /** The disk is full, or ill: that is what the daemon has to say now. */
  #settleOwn(batch: readonly Waiting[], refusal: unknown): void {
    const own = batch.filter(({ input }) => isOwnFlag(input.key));
    for (const each of batch) if (!own.includes(each)) each.reject(refusal);
    const { set, steps } = this.#stepAll(own);
    this.#settle(own, set, steps);
  }

  /** Settles when what was asked for is written. */
  async stop(): Promise<void> {
    await this.#working;
  }
}
