/**
 * Takes samples of this node: what its host tells, and what the daemon knows of itself. While
 * somebody looks it does so at a pace that follows what a sample costs.
 */
import { createRandom, nextRandom, type Random } from '../base/random.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostSample, PartialSample } from '../protocol/figures.ts';
import { SAMPLE_FRESH_MS, SAMPLE_MS, SAMPLE_MS_MAX } from '../protocol/limits.ts';

export interface SamplerComponents {
  readonly clock: Clock;
  readonly seed: number;
  /** Figures of the host. */
  host(): Promise<HostSample>;
  /** Figures of the daemon. */
  own(): Promise<PartialSample>;
}

/** Part of the time that may go into samples is one over this. */
const THRIFT = 100;
/** From this load for each processor on, or this lateness of a timer, a host has too much to do. */
const OVERLOAD = 2;
const OVERLOAD_LAG_MS = 100;

/**
 * The wait before the next sample, when one took `tookMs` on a host that is as it says; `isSeldom`
 * when those who look want half as many.
 */
export function paceMs(tookMs: number, sample: HostSample, isSeldom = false): number {
  const { load1, cpus, loopLagMs = 0 } = sample;
  const isOverloaded = load1 / Math.max(1, cpus) >= OVERLOAD || loopLagMs >= OVERLOAD_LAG_MS;
  const thriftyMs = Math.max(SAMPLE_MS, tookMs * THRIFT) * (isOverloaded || isSeldom ? 2 : 1);
  return Math.min(SAMPLE_MS_MAX, thriftyMs);
}

export class Sampler {
  readonly #components: SamplerComponents;
  readonly #random: Random;
  #latest: { readonly atMs: number; readonly sample: HostSample } | undefined;
  #underWay: Promise<HostSample> | undefined;
  #lagMs = 0;
  #tookMs = 0;

  constructor(components: SamplerComponents) {
    this.#components = components;
    this.#random = createRandom(components.seed);
  }

  /** The newest sample, or a new one where that is old. Rejects when the host does not tell. */
  sample(): Promise<HostSample> {
    const { clock } = this.#components;
    const latest = this.#latest;
    const isFresh = latest !== undefined && clock.monotonicMs() - latest.atMs < SAMPLE_FRESH_MS;
    if (isFresh) return Promise.resolve(latest.sample);
    this.#underWay ??= this.#take().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #take(): Promise<HostSample> {
    const { clock, host, own } = this.#components;
    const startMs = clock.monotonicMs();
    const [figures, ownFigures] = await Promise.all([host(), own()]);
    const sample = { ...figures, ...ownFigures, loopLagMs: this.#lagMs };
    const atMs = clock.monotonicMs();
    this.#tookMs = atMs - startMs;
    this.#latest = { atMs, sample };
    return sample;
  }

  /**
   * Hands over a sample now, and then every so often, until what is returned is called; half as
   * often while `isSeldom` says so. The second one comes at an instant of chance, so that the nodes
   * that one viewer has woken do not speak all at once from then on.
   */
  start(onSample: (sample: HostSample) => void, isSeldom = () => false): () => void {
    const { clock } = this.#components;
    let stopTimer: (() => void) | undefined;
    let isOver = false;
    const next = (ms: number): void => {
      if (isOver) return;
      const dueAtMs = clock.monotonicMs() + ms;
      stopTimer = clock.after(ms, () => {
        this.#lagMs = Math.max(0, clock.monotonicMs() - dueAtMs);
        tell((sample) => paceMs(this.#tookMs, sample, isSeldom()));
      });
    };
    const tell = (waitMs: (sample: HostSample) => number): void => {
      this.sample().then(
        (sample) => {
          if (!isOver) onSample(sample);
          next(waitMs(sample));
        },
        // A host that cannot tell its figures now is shown without them; the next try is near.
        () => next(SAMPLE_MS),
      );
    };
    const spreadMs = () => (isSeldom() ? 2 : 1) * SAMPLE_MS;
    tell(() => spreadMs() * (0.2 + 0.8 * nextRandom(this.#random)));
    return () => {
      isOver = true;
      stopTimer?.();
    };
  }
}
