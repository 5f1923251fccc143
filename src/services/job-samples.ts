/**
 * How much a job had written when: so that its output can be read from an instant on, and its two
 * streams side by side. When there are too many samples every second one is forgotten.
 */
import type { JobSample } from '../ports/job-host.ts';
import { JOB_SAMPLES_MAX } from '../protocol/limits.ts';

/** Samples are at least so far from each other at first. */
const STEP_MS_MIN = 1_000;

export class JobSamples {
  #samples: JobSample[];
  #stepMs = STEP_MS_MIN;

  constructor(samples: readonly JobSample[] = []) {
    this.#samples = [...samples];
    this.#thin();
  }

  get all(): readonly JobSample[] {
    return this.#samples;
  }

  #thin(): boolean {
    if (this.#samples.length <= JOB_SAMPLES_MAX) return false;
    this.#samples = this.#samples.filter((_, place) => place % 2 === 1);
    this.#stepMs *= 2;
    return true;
  }

  /**
   * Notes how much there is. Undefined: it is too soon, or no more than before; `isWhole`: what
   * was noted before is not the same any more.
   */
  add(sample: JobSample): { readonly isWhole: boolean } | undefined {
    const last = this.#samples.at(-1);
    if (sample.stdout === (last?.stdout ?? 0) && sample.stderr === (last?.stderr ?? 0)) {
      return undefined;
    }
    if (last !== undefined && sample.atMs - last.atMs < this.#stepMs) return undefined;
    this.#samples.push(sample);
    return { isWhole: this.#thin() };
  }

  /**
   * Places in the streams before which nothing was written since `atMs`: what stands behind them
   * may be a little older.
   */
  placeAt(atMs: number): { readonly stdout: number; readonly stderr: number } {
    const { stdout = 0, stderr = 0 } =
      this.#samples.findLast((sample) => sample.atMs <= atMs) ?? {};
    return { stdout, stderr };
  }
}
