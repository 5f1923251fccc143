/**
 * Samples on the wire: a row has the value of each figure at its number, null for what is absent; a
 * change names numbers and their new values.
 */
import { FIGURES, type FigureUnit, type HostSample } from './figures.ts';

export type FigureValue = number | string | null;
export type FigureRow = readonly FigureValue[];

/** Numbers of figures and their new values, in turn. */
export type FigureChanges = readonly FigureValue[];

const IDS: readonly string[] = FIGURES.map(({ id }) => id);
const UNITS: readonly FigureUnit[] = FIGURES.map(({ unit }) => unit);
const BASIC_NUMBERS: readonly number[] = FIGURES.flatMap((figure, number) =>
  'isBasic' in figure ? [number] : [],
);
/** Number of the instant of the sample, which every change tells. */
const AT = FIGURES.findIndex(({ id }) => id === 'atMs');

/** Longest text of a figure that is believed: a path that is to be read in a table. */
const TEXT_LENGTH_MAX = 255;

/** Digits behind the point that are told; bytes and counts are whole by nature. */
const DIGITS: Readonly<Partial<Record<FigureUnit, number>>> = {
  percent: 1,
  load: 2,
  ms: 2,
  'bytes/s': 0,
  '1/s': 2,
  bytes: 0,
};

/**
 * By how much a figure may differ from what was told without being news: so much, or such a part of
 * it. Others are told whenever they change.
 */
const TOLERANCES: Readonly<Partial<Record<FigureUnit, readonly [number, number]>>> = {
  percent: [0.5, 0],
  load: [0.02, 0.02],
  bytes: [0, 0.01],
  'bytes/s': [1, 0.05],
  '1/s': [0.05, 0.05],
  ms: [0.5, 0.1],
};

function round(unit: FigureUnit, value: number): number {
  const digits = DIGITS[unit];
  return digits === undefined ? value : Math.round(value * 10 ** digits) / 10 ** digits;
}

/** The row of a sample, rounded to what can be of interest. */
export function packSample(sample: HostSample): FigureValue[] {
  return FIGURES.map(({ id, unit }) => {
    const value = sample[id] ?? null;
    return typeof value === 'number' ? round(unit, value) : value;
  });
}

/** The sample of a row; null when a basic figure is absent. */
export function unpackSample(row: FigureRow): HostSample | null {
  for (const number of BASIC_NUMBERS) if (typeof row[number] !== 'number') return null;
  const sample: Record<string, FigureValue> = {};
  for (let number = 0; number < IDS.length; number++) {
    const value = row[number] ?? null;
    if (value !== null) sample[IDS[number]!] = value;
  }
  return sample as unknown as HostSample;
}

/** What is no value of that figure is absent. */
function parseValue(number: number, value: unknown): FigureValue {
  if (UNITS[number] === 'text') {
    return typeof value === 'string' && value.length <= TEXT_LENGTH_MAX ? value : null;
  }
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** The row in a decoded value, without what we do not know; null when it has no sample. */
export function parseRow(value: unknown): FigureValue[] | null {
  if (!Array.isArray(value)) return null;
  const row: FigureValue[] = [];
  for (let number = 0; number < UNITS.length; number++) row.push(parseValue(number, value[number]));
  return BASIC_NUMBERS.some((number) => row[number] === null) ? null : row;
}

/** The changes in a decoded value, without those of figures that we do not know. */
export function parseChanges(value: unknown): FigureChanges | undefined {
  if (!Array.isArray(value) || value.length % 2 !== 0) return undefined;
  const changes: FigureValue[] = [];
  for (let at = 0; at < value.length; at += 2) {
    const number: unknown = value[at];
    if (typeof number !== 'number' || UNITS[number] === undefined) continue;
    changes.push(number, parseValue(number, value[at + 1]));
  }
  return changes;
}

/** Makes the changes in a row, which is the caller's own. */
export function changeRow(row: FigureValue[], changes: FigureChanges): void {
  for (let at = 0; at < changes.length; at += 2) {
    row[changes[at] as number] = changes[at + 1] ?? null;
  }
}

/** The sample after the changes, which may be the first that is heard of it. */
export function changeSample(sample: HostSample | null, changes: FigureChanges): HostSample | null {
  const row = sample === null ? [] : packSample(sample);
  changeRow(row, changes);
  return unpackSample(row);
}

/** The changes that tell the values that a row has at `numbers`. */
function changesAt(row: FigureRow, numbers: Iterable<number>): FigureChanges {
  const changes: FigureValue[] = [];
  for (const number of numbers) changes.push(number, row[number] ?? null);
  return changes;
}

function isNews(unit: FigureUnit | undefined, told: FigureValue, now: FigureValue): boolean {
  if (told === now) return false;
  const tolerance = unit === undefined ? undefined : TOLERANCES[unit];
  if (typeof told !== 'number' || typeof now !== 'number' || tolerance === undefined) return true;
  // That something has begun, or has come to rest, is always news.
  if (told === 0 || now === 0) return true;
  const [amount, part] = tolerance;
  return Math.abs(now - told) > Math.max(amount, part * told);
}

/**
 * What is news in `now` to who was told `told`: none, or the instant of the sample and all that
 * differs by more than is of no interest.
 */
export function findNews(told: FigureRow, now: FigureRow): FigureChanges {
  const news = [...UNITS.keys()].filter(
    (number) => number !== AT && isNews(UNITS[number], told[number] ?? null, now[number] ?? null),
  );
  return news.length === 0 ? [] : changesAt(now, [AT, ...news]);
}

/** The news that a sample was taken, and nothing else has changed. */
export function stillNews(now: FigureRow): FigureChanges {
  return changesAt(now, [AT]);
}
