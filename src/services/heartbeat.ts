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

export class Heartbeat {
  readonly #components: HeartbeatComponents;
  readonly #random: Random;
  #stopTimer: (() => void) | undefined;

  constructor(components: HeartbeatComponents) {
    this.#components = components;
    this.#random = createRandom(components.seed);
  }

  /**
   * Beats now, when this node starts and when it comes to a parent. The beat after that comes at an
   * instant of chance within the longest time, so that those who came together part.
   */
  beat(): void {
    this.#sample();
    this.#next(HEARTBEAT_MS_MAX * nextRandom(this.#random));
  }

  #sample(): void {
    const { sampler, onBeat } = this.#components;
    sampler.sample().then(
      (sample) => onBeat(packSample(sample)),
      () => 'a host that is ill misses a beat',
    );
  }

  #next(ms: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#components.clock.after(ms, () => {
      this.#sample();
      const range = HEARTBEAT_MS_MAX - HEARTBEAT_MS_MIN;
      this.#next(HEARTBEAT_MS_MIN + range * nextRandom(this.#random));
    });
  }

  stop(): void {
    this.#stopTimer?.();
  }
}
