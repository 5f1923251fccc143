/**
 * An hour of one node in a fixed number of bytes: for each minute and track two bytes, on a
 * logarithmic scale that is true to a thousandth. What is put into a minute is folded into it.
 */
import type { FigureRow } from '../protocol/figure-row.ts';
import { FIGURES } from '../protocol/figures.ts';
import { type Series, TRACKS } from '../protocol/history.ts';
import { HISTORY_MINUTES, HISTORY_NODE_BYTES } from '../protocol/limits.ts';

/** Steps for each doubling; 0 stands for nothing, and 2 ^ 55 is more than any figure. */
const STEPS = 1_170;
const CODE_MAX = 65_535;
/** Digits of a value that the scale keeps. */
const DIGITS = 3;
const CODES = HISTORY_MINUTES * TRACKS.length;

/** Stands for a place in a row: the round trip has none. */
const RTT = -1;
/** Where the value of a track is in a row. */
const PLACES = TRACKS.map(({ id }) => FIGURES.findIndex((figure) => figure.id === id));
const IS_MAX = TRACKS.map(({ kind }) => kind === 'max');

function encode(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.min(CODE_MAX, 1 + Math.round(Math.log2(1 + value) * STEPS));
}

function decode(code: number): number {
  return code === 0 ? Number.NaN : Math.max(0, 2 ** ((code - 1) / STEPS) - 1);
}

export class HistoryRing {
  readonly #bytes = new ArrayBuffer(HISTORY_NODE_BYTES);
  /** By track, of the newest minute: it is not over, and kept as it is. NaN: nothing is known. */
  readonly #running = new Float32Array(this.#bytes, 0, TRACKS.length).fill(Number.NaN);
  /** By minute, then by track: of those before. */
  readonly #codes = new Uint16Array(this.#bytes, this.#running.byteLength, CODES);
  #newest = Number.NEGATIVE_INFINITY;
  /** How often something was put into the newest minute. */
  #count = 0;

  /** What it costs. */
  get bytes(): number {
    return this.#bytes.byteLength;
  }

  /** Puts a row into a minute, which is not before the newest one. */
  fold(minute: number, row: FigureRow, rttMs: number | null): void {
    if (minute > this.#newest) this.#begin(minute);
    this.#count++;
    const running = this.#running;
    for (let track = 0; track < TRACKS.length; track++) {
      const place = PLACES[track] ?? RTT;
      const value = place === RTT ? rttMs : row[place];
      if (typeof value !== 'number') continue;
      const before = running[track] ?? Number.NaN;
      if (Number.isNaN(before)) running[track] = value;
      else if (IS_MAX[track] !== true) running[track] = before + (value - before) / this.#count;
      else if (value > before) running[track] = value;
    }
  }

  /** Writes down the minute that was newest. Of those between nothing is known. */
  #begin(minute: number): void {
    if (this.#newest >= 0) {
      const codes = this.#codes.subarray(at(this.#newest));
      for (const [track, value] of this.#running.entries()) codes[track] = encode(value);
    }
    const first = Math.max(this.#newest + 1, minute - HISTORY_MINUTES + 1);
    for (let each = first; each < minute; each++) {
      this.#codes.fill(0, at(each), at(each) + TRACKS.length);
    }
    this.#running.fill(Number.NaN);
    this.#newest = minute;
    this.#count = 0;
  }

  /** Whether all that it has is over an hour old. */
  isOver(minute: number): boolean {
    return minute - this.#newest >= HISTORY_MINUTES;
  }

  /** The values of a track up to a minute, the oldest first. */
  series(track: number, minute: number): Series {
    return Array.from({ length: HISTORY_MINUTES }, (_, step) => {
      const each = minute - HISTORY_MINUTES + 1 + step;
      if (each < 0 || each > this.#newest || each <= this.#newest - HISTORY_MINUTES) return null;
      const isRunning = each === this.#newest;
      const value = isRunning ? this.#running[track] : decode(this.#codes[at(each) + track] ?? 0);
      return toSeries(value ?? Number.NaN);
    });
  }
}

/** Where the codes of a minute are. */
function at(minute: number): number {
  return (minute % HISTORY_MINUTES) * TRACKS.length;
}

function toSeries(value: number): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(DIGITS));
}
