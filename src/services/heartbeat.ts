/**
 * The slow heartbeat of statistics: now and then this node samples itself, remembers that, and
 * tells its parent, whether anybody looks or not.
 */
import { createRandom, nextRandom, type Random } from '../base/random.ts';
import type { Clock } from '../ports/clock.ts';
import { type FigureRow, packSample } from '../protocol/figure-row.ts';
import { HEARTBEAT_MS_MAX, HEARTBEAT_MS_MIN } from '../protocol/limits.ts';
import type { Sampler } from './sampler.ts';

export interface HeartbeatComponents {
  readonly clock: Clock;
  readonly seed: number;
  readonly sampler: Pick<Sampler, 'sample'>;
  onBeat(row: FigureRow): void;
}

/** Time to the first beat, at most: whoever starts a node wants to see it. */
const FIRST_MS_MAX = 10_000;

export class Heartbeat {
  readonly #components: HeartbeatComponents;
  readonly #random: Random;
  #stopTimer: (() => void) | undefined;

  constructor(components: HeartbeatComponents) {
    this.#components = components;
    this.#random = createRandom(components.seed);
  }

  /** Samples now, so that the next sample has rates; the first beat comes soon, by chance. */
  start(): void {
    const { sampler } = this.#components;
    sampler.sample().catch(() => 'a host that is ill is asked again');
    this.#next(FIRST_MS_MAX * nextRandom(this.#random));
  }

  #next(ms: number): void {
    const { clock, sampler, onBeat } = this.#components;
    this.#stopTimer = clock.after(ms, () => {
      const range = HEARTBEAT_MS_MAX - HEARTBEAT_MS_MIN;
      this.#next(HEARTBEAT_MS_MIN + range * nextRandom(this.#random));
      sampler.sample().then(
        (sample) => onBeat(packSample(sample)),
        () => 'a host that is ill misses a beat',
      );
    });
  }

  stop(): void {
    this.#stopTimer?.();
  }
}
