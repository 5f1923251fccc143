/**
 * What programs report, and what nodes tell of it: `report.put` and `metrics.get`. A **series** is
 * a name with a kind and a unit, and what has been reported under it.
 */
import {
  METRICS_SILENT_MAX,
  REPORT_NAME_LENGTH_MAX,
  REPORT_UNIT_LENGTH_MAX,
  TIMING_BUCKETS_MAX,
} from './limits.ts';

/** A counter adds up, a gauge is a level, a timing is how long things took. */
export type SeriesKind = 'counter' | 'gauge' | 'timing';

/** A timing: see series/timing.ts. It travels as it is: plain numbers. */
export interface Timing {
  /** How often it took no time at all. */
  zeros: number;
  sum: number;
  min: number;
  max: number;
  /** Number of the first bucket: bucket N holds what is above 2^((N-1)/35), up to 2^(N/35). */
  first: number;
  /** What fell into each bucket from the first on. */
  counts: number[];
}

/** One report: of a timing one duration, or many that were gathered. */
export interface Report {
  readonly name: string;
  readonly kind: SeriesKind;
  /** Undefined: whatever it was first reported with. */
  readonly unit: string | undefined;
  readonly value: number | Timing;
  /** How long ago a level was so, milliseconds. */
  readonly ageMs: number;
}

export type SeriesFigures =
  | {
      readonly kind: 'counter';
      readonly total: number;
      /** What came to it within the last minute; null where that is not known. */
      readonly perMinute: number | null;
    }
  | {
      readonly kind: 'gauge';
      /** The newest level, and how long ago it was reported, milliseconds. */
      readonly value: number;
      readonly ageMs: number;
      /** Of the last levels of all nodes. */
      readonly count: number;
      readonly sum: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'timing'; readonly timing: Timing };

/** A series as a node tells it: of itself, or of itself and all below it. */
export type Series = {
  readonly name: string;
  /** Empty: it has none. */
  readonly unit: string;
  /** What it is, in the words of who reports it; mostly empty. */
  readonly doc: string;
} & SeriesFigures;

/** By which a node answers: for itself, or for itself and all below it. */
export const METRICS_SCOPES = ['node', 'subtree'] as const;
export type MetricsScope = (typeof METRICS_SCOPES)[number];

/** The channel on which series come. */
export const METRICS_CHANNEL = 1;

/** A node that could not be heard, and with it `below` nodes that are reached through it. */
export interface SilentNode {
  readonly node: string;
  readonly below: number;
  /** Why: a code of an error. */
  readonly code: string;
}

/** The value of `metrics.get`, after its series. */
export interface MetricsAnswer {
  /** How many nodes are in it. */
  readonly nodes: number;
  readonly silent: readonly SilentNode[];
  /** How many more were silent than are named. */
  readonly silentMore: number;
  /** Series that were one too many, counted by node. */
  readonly leftOut: number;
}

type Fields<Shape> = Partial<Record<keyof Shape, unknown>>;

function fieldsOf<Shape>(value: unknown): Fields<Shape> {
  return (typeof value === 'object' && value !== null ? value : {}) as Fields<Shape>;
}

export function isSeriesKind(kind: unknown): kind is SeriesKind {
  return kind === 'counter' || kind === 'gauge' || kind === 'timing';
}

/** Whether a text is the name of a series: letters, digits, `_`, and within it `.` and `-`. */
export function isSeriesName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length <= REPORT_NAME_LENGTH_MAX &&
    /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)
  );
}

/** Whether a text is a unit: printable, without blanks. */
export function isUnit(unit: unknown): unit is string {
  return (
    typeof unit === 'string' && unit.length <= REPORT_UNIT_LENGTH_MAX && /^[^\s\p{C}]*$/u.test(unit)
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The timing in a value that another process sent; undefined when it is none. */
export function parseTiming(value: unknown): Timing | undefined {
  const { zeros, sum, min, max, first, counts } = fieldsOf<Timing>(value);
  if (!isCount(zeros) || !Array.isArray(counts) || !counts.every(isCount)) return undefined;
  if (counts.length > TIMING_BUCKETS_MAX || !Number.isSafeInteger(first)) return undefined;
  if (!isNumber(sum) || !isNumber(min) || !isNumber(max) || min < 0 || max < min) return undefined;
  if (zeros === 0 && !counts.some((count) => count > 0)) return undefined;
  // No number has a logarithm beyond.
  if (Math.abs(Number(first)) > 65_536) return undefined;
  return { zeros, sum, min, max, first: Number(first), counts };
}

/** What names begin with that are the node's own. */
const OWN_PREFIXES = ['dagent.', 'host.'];

/** What keeps a name from being reported by somebody else than the node; undefined: nothing. */
export function objectToOwn(name: string): string | undefined {
  const prefix = OWN_PREFIXES.find((each) => name.startsWith(each));
  return prefix === undefined ? undefined : `${name}: ${prefix} begins names of the node`;
}

/** The report in a value that another process sent, or what is wrong with it. */
export function parseReport(value: unknown): Report | string {
  const { name, kind = 'counter', unit, value: given, ageMs = 0 } = fieldsOf<Report>(value);
  if (!isSeriesName(name)) {
    const what = typeof name === 'string' ? JSON.stringify(name.slice(0, 200)) : 'without one';
    return `no name, ${what}: letters, digits, _ . -, at most ${REPORT_NAME_LENGTH_MAX}`;
  }
  if (!isSeriesKind(kind)) return `${name}: the kind is counter, gauge or timing`;
  if (unit !== undefined && unit !== null && !isUnit(unit)) {
    return `${name}: a unit is a text without blanks, at most ${REPORT_UNIT_LENGTH_MAX} long`;
  }
  const figure =
    typeof given === 'number' ? given : kind === 'timing' ? parseTiming(given) : undefined;
  if (figure === undefined) return `${name}: the value is no number`;
  if (!isNumber(ageMs) || ageMs < 0) return `${name}: ageMs is no number from 0 on`;
  return { name, kind, unit: unit ?? undefined, value: figure, ageMs };
}

type OfKind<Kind extends SeriesKind> = Extract<SeriesFigures, { kind: Kind }>;

function parseFigures(value: unknown): SeriesFigures | undefined {
  const { kind } = fieldsOf<SeriesFigures>(value);
  if (kind === 'counter') {
    const { total, perMinute } = fieldsOf<OfKind<'counter'>>(value);
    if (!isNumber(total)) return undefined;
    return { kind, total, perMinute: isNumber(perMinute) ? perMinute : null };
  }
  if (kind === 'gauge') {
    const { value: level, ageMs, count, sum, min, max } = fieldsOf<OfKind<'gauge'>>(value);
    if (!isNumber(level) || !isNumber(ageMs) || !isCount(count)) return undefined;
    if (!isNumber(sum) || !isNumber(min) || !isNumber(max)) return undefined;
    return { kind, value: level, ageMs, count, sum, min, max };
  }
  if (kind !== 'timing') return undefined;
  const timing = parseTiming(fieldsOf<OfKind<'timing'>>(value).timing);
  return timing === undefined ? undefined : { kind, timing };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The series in a line of `metrics.get`, or undefined when it is none. */
export function parseSeriesLine(line: string): Series | undefined {
  const value = parseJson(line);
  const { name, unit, doc } = fieldsOf<Series>(value);
  const figures = parseFigures(value);
  if (figures === undefined || !isSeriesName(name) || !isUnit(unit)) return undefined;
  return { name, unit, doc: typeof doc === 'string' ? doc : '', ...figures };
}

function parseSilent(value: unknown): SilentNode | undefined {
  const { node, below, code } = fieldsOf<SilentNode>(value);
  if (typeof node !== 'string' || !isCount(below) || typeof code !== 'string') return undefined;
  return { node, below, code };
}

/** The value of `metrics.get`, or undefined when it is none. */
export function parseMetricsAnswer(value: unknown): MetricsAnswer | undefined {
  const { nodes, silent, silentMore, leftOut } = fieldsOf<MetricsAnswer>(value);
  if (!isCount(nodes) || !isCount(silentMore) || !isCount(leftOut)) return undefined;
  if (!Array.isArray(silent) || silent.length > METRICS_SILENT_MAX) return undefined;
  const named = silent.map(parseSilent);
  if (!named.every((each) => each !== undefined)) return undefined;
  return { nodes, silent: named, silentMore, leftOut };
}
