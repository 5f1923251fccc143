/** What of a node's own samples is news to those who were told of the ones before. */
import type { Clock } from '../ports/clock.ts';
import {
  changeRow,
  type FigureChanges,
  type FigureValue,
  findNews,
  packSample,
  stillNews,
} from '../protocol/figure-row.ts';
import type { HostSample } from '../protocol/figures.ts';
import { SAMPLE_STILL_MS } from '../protocol/limits.ts';

export class OwnNews {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** What was told so far, and when the last of it. */
  readonly #told: FigureValue[] = [];
  #toldAtMs = 0;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** What is to be told of a sample. While nothing changes, that is said now and then. */
  take(sample: HostSample): FigureChanges {
    const nowMs = this.#clock.monotonicMs();
    const row = packSample(sample);
    const news = findNews(this.#told, row);
    const isSilent = news.length === 0 && nowMs - this.#toldAtMs < SAMPLE_STILL_MS;
    if (isSilent) return [];
    const changes = news.length > 0 ? news : stillNews(row);
    changeRow(this.#told, changes);
    this.#toldAtMs = nowMs;
    return changes;
  }
}
