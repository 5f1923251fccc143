/**
 * What was reported, by name: plain data, changed only by the functions here, with the time as an
 * argument. A node has one for its programs and one for each plugin; a program that uses the
 * library has one for what it has not sent yet.
 */
import { DagentError } from '../protocol/errors.ts';
import { REPORT_VALUE_MAX } from '../protocol/limits.ts';
import type { Report, Series, SeriesKind, Timing } from '../protocol/series.ts';
import { addDuration, copyTiming, mergeTiming, timingOf } from './timing.ts';

/** Time of which a rate is told. */
const MINUTE_MS = 60_000;

/** A name that was announced or reported. */
export interface SeriesState {
  readonly kind: SeriesKind;
  readonly unit: string;
  readonly doc: string;
  /** Total of a counter, level of a gauge, the last duration; null before the first report. */
  value: number | null;
  atMs: number;
  timing: Timing | null;
  /** Of a counter: what came in the minute that began at `minuteAtMs`, and in the one before. */
  minuteAtMs: number;
  present: number;
  former: number;
}

export interface Registry {
  readonly series: Map<string, SeriesState>;
  readonly max: number;
}

/** One of at most `max` series. */
export function createRegistry(max: number): Registry {
  return { series: new Map(), max };
}

/** What a series is before anything was reported of it. */
export function announce(
  registry: Registry,
  name: string,
  spec: Pick<SeriesState, 'kind' | 'unit' | 'doc'>,
): SeriesState {
  const minute = { minuteAtMs: Number.NEGATIVE_INFINITY, present: 0, former: 0 };
  const { kind, unit, doc } = spec;
  const state = { kind, unit, doc, value: null, atMs: 0, timing: null, ...minute };
  registry.series.set(name, state);
  return state;
}

function invalid(reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: 'report', reason });
}

function flawOf({ name, kind, value }: Report): string | undefined {
  if (typeof value !== 'number') {
    return kind === 'timing' ? undefined : `${name}: the value is no number`;
  }
  if (!Number.isFinite(value) || Math.abs(value) > REPORT_VALUE_MAX) {
    return `${name}: a value is a number up to ${REPORT_VALUE_MAX}, not ${value}`;
  }
  if (value >= 0 || kind === 'gauge') return undefined;
  return `${name}: a ${kind} takes nothing below 0, such as ${value}; a gauge does`;
}

/** What it is, in words. */
function describe({ kind, unit }: { readonly kind: SeriesKind; readonly unit: string }): string {
  return unit === '' ? `${kind} without a unit` : `${kind} in ${unit}`;
}

function objectTo(
  { max, series }: Registry,
  report: Report,
  state: SeriesState | undefined,
): DagentError | undefined {
  const { name } = report;
  const flaw = flawOf(report);
  if (flaw !== undefined) return invalid(flaw);
  if (state === undefined) {
    return series.size < max ? undefined : new DagentError('E_REPORT_FULL', { name, max });
  }
  const { kind, unit = state.unit } = report;
  if (kind === state.kind && unit === state.unit) return undefined;
  const words = { known: describe(state), given: describe({ kind, unit }) };
  return new DagentError('E_REPORT_KIND', { name, ...words });
}

/** Moves on to the present minute. */
function roll(state: SeriesState, nowMs: number): void {
  const pastMs = nowMs - state.minuteAtMs;
  if (pastMs < MINUTE_MS) return;
  state.former = pastMs < 2 * MINUTE_MS ? state.present : 0;
  state.present = 0;
  state.minuteAtMs = pastMs < 2 * MINUTE_MS ? state.minuteAtMs + MINUTE_MS : nowMs;
}

function count(state: SeriesState, value: number, nowMs: number): void {
  roll(state, nowMs);
  state.present += value;
  state.value = (state.value ?? 0) + value;
}

function addTiming(state: SeriesState, value: number | Timing): void {
  if (typeof value === 'number') {
    state.value = value;
    if (state.timing === null) state.timing = timingOf(value);
    else addDuration(state.timing, value);
    return;
  }
  state.value = value.max;
  if (state.timing === null) state.timing = copyTiming(value);
  else mergeTiming(state.timing, value);
}

/**
 * Adds a report. Undefined when it is taken; E_ARGUMENT_INVALID for a value that is none,
 * E_REPORT_KIND for one of another kind or unit, E_REPORT_FULL for one name too many. `doc` is kept
 * of the first.
 */
export function addReport(
  registry: Registry,
  report: Report,
  nowMs: number,
): DagentError | undefined {
  const { name, kind, unit = '', value, ageMs } = report;
  const known = registry.series.get(name);
  const error = objectTo(registry, report, known);
  if (error !== undefined) return error;
  const state = known ?? announce(registry, name, { kind, unit, doc: '' });
  const atMs = nowMs - ageMs;
  if (typeof value !== 'number' || kind === 'timing') addTiming(state, value);
  else if (kind === 'counter') count(state, value, nowMs);
  // Reports may overtake each other: the newest level counts.
  else if (state.value === null || atMs >= state.atMs) state.value = value;
  state.atMs = Math.max(state.atMs, atMs);
  return undefined;
}

/** What came within the last minute, as if what came in the one before had come evenly. */
function perMinuteOf(state: SeriesState, nowMs: number): number {
  roll(state, nowMs);
  const leftPart = Math.max(0, 1 - (nowMs - state.minuteAtMs) / MINUTE_MS);
  return state.present + state.former * leftPart;
}

function toSeries(name: string, state: SeriesState, nowMs: number): Series | undefined {
  const { kind, unit, doc, value, timing } = state;
  if (value === null) return undefined;
  const base = { name, unit, doc };
  if (timing !== null) return { ...base, kind: 'timing', timing };
  if (kind === 'counter') {
    return { ...base, kind, total: value, perMinute: perMinuteOf(state, nowMs) };
  }
  const ageMs = Math.max(0, Math.round(nowMs - state.atMs));
  return { ...base, kind: 'gauge', value, ageMs, count: 1, sum: value, min: value, max: value };
}

/** All that something was reported of. What it yields is only to be read, and only for now. */
export function* listSeries(registry: Registry, nowMs: number): Iterable<Series> {
  for (const [name, state] of registry.series) {
    const series = toSeries(name, state, nowMs);
    if (series !== undefined) yield series;
  }
}

/**
 * What has gathered of the first `countMax` series, as reports to be sent on; it is not here then.
 */
export function takeReports({ series }: Registry, countMax: number, nowMs: number): Report[] {
  return [...series].slice(0, countMax).map(([name, state]): Report => {
    series.delete(name);
    const { kind, unit, value, timing, atMs } = state;
    const ageMs = Math.max(0, Math.round(nowMs - atMs));
    return { name, kind, unit, value: timing ?? value ?? 0, ageMs };
  });
}
