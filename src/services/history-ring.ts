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
const COUNT_MAX = 255;
const CODES = HISTORY_MINUTES * TRACKS.length;

/** Where the value of a track is in a row; -1 is the round trip. */
const PLACES = TRACKS.map(({ id }) => FIGURES.findIndex((figure) => figure.id === id));

function encode(value: number): number {
  return Math.min(CODE_MAX, 1 + Math.round(Math.log2(1 + value) * STEPS));
}

function decode(code: number): number | null {
  return code === 0 ? null : Math.max(0, 2 ** ((code - 1) / STEPS) - 1);
}

export class HistoryRing {
  readonly #bytes = new ArrayBuffer(HISTORY_NODE_BYTES);
  /** By minute, then by track. */
  readonly #codes = new Uint16Array(this.#bytes, 0, CODES);
  /** How often something was put into a minute. */
  readonly #counts = new Uint8Array(this.#bytes, 2 * CODES, HISTORY_MINUTES);
  #newest = Number.NEGATIVE_INFINITY;

  /** What it costs. */
  get bytes(): number {
    return this.#bytes.byteLength;
  }

  /** Puts a row into a minute, which is not before the newest one. */
  fold(minute: number, row: FigureRow, rttMs: number | null): void {
    this.#advance(minute);
    const slot = minute % HISTORY_MINUTES;
    const count = Math.min(COUNT_MAX, (this.#counts[slot] ?? 0) + 1);
    this.#counts[slot] = count;
    for (const [track, { kind }] of TRACKS.entries()) {
      const place = PLACES[track] ?? -1;
      const value = place < 0 ? rttMs : row[place];
      if (typeof value !== 'number') continue;
      const at = slot * TRACKS.length + track;
      const before = decode(this.#codes[at] ?? 0);
      this.#codes[at] = encode(join(kind, before, value, count));
    }
  }

  /** Forgets the minutes between the newest one and this one: nothing is known of them. */
  #advance(minute: number): void {
    const first = Math.max(this.#newest + 1, minute - HISTORY_MINUTES + 1);
    for (let each = first; each <= minute; each++) {
      const slot = each % HISTORY_MINUTES;
      this.#counts[slot] = 0;
      this.#codes.fill(0, slot * TRACKS.length, (slot + 1) * TRACKS.length);
    }
    this.#newest = Math.max(this.#newest, minute);
  }

  /** Whether all that it has is over an hour old. */
  isOver(minute: number): boolean {
    return minute - this.#newest >= HISTORY_MINUTES;
  }

  /** The values of a track up to a minute, the oldest first. */
  series(track: number, minute: number): Series {
    return Array.from({ length: HISTORY_MINUTES }, (_, at) => {
      const each = minute - HISTORY_MINUTES + 1 + at;
      if (each > this.#newest || each <= this.#newest - HISTORY_MINUTES) return null;
      const slot = ((each % HISTORY_MINUTES) + HISTORY_MINUTES) % HISTORY_MINUTES;
      const value = decode(this.#codes[slot * TRACKS.length + track] ?? 0);
      return value === null ? null : Number(value.toPrecision(DIGITS));
    });
  }
}

function join(kind: 'mean' | 'max', before: number | null, value: number, count: number): number {
  if (before === null) return value;
  return kind === 'max' ? Math.max(before, value) : before + (value - before) / count;
}
