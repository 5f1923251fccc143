/**
 * The series of a node in the text format of Prometheus, version 0.0.4. Timings are histograms
 * whose bounds are powers of two of their unit: as buckets end there, these counts are exact, and
 * the same bounds everywhere let Prometheus add up nodes.
 *
 * Two names that are one to Prometheus (`a.b`, `a_b`) are told apart by `_2`, in the order in which
 * they came to the node.
 */
import type { Series, Timing } from '../protocol/series.ts';
import { countTiming, countUpTo } from '../series/timing.ts';
import { baseUnitOf, prometheusName } from './prometheus-name.ts';

/** The type of the content. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Bounds of a histogram, as powers of two: of times from 61 µs to 17 minutes. */
const TIME_FIRST = -14;
const TIME_COUNT = 25;
/** Of all else from 1 to a million millions, each four times the one before. */
const PLAIN_STEP = 2;
const PLAIN_COUNT = 21;

type Type = 'counter' | 'gauge' | 'histogram';

/** A name with its help, its type, and its values. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: Type;
  /** Ending of the name, other labels, value. */
  readonly samples: readonly (readonly [string, Labels, number])[];
}

type Labels = Readonly<Record<string, string>>;

/** What is not counted, and yet to be known of a node. */
export interface PrometheusNode {
  readonly name: string;
  readonly role: string;
  readonly realm: string | null;
  readonly version: string;
  readonly startedAtMs: number;
  /** Series that were one too many. */
  readonly leftOut: number;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function formatSample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeValue(text)}"`);
  return `${name}{${pairs.join(',')}} ${value}\n`;
}

/** A product without the digits that the arithmetic makes up. */
function scaled(value: number, scale: number): number {
  return scale === 1 ? value : Number((value * scale).toPrecision(15));
}

/** Exponents of the bounds of a histogram. */
function boundsOf(unit: string): number[] {
  const { suffix, scale } = baseUnitOf(unit);
  if (suffix !== 'seconds') return Array.from({ length: PLAIN_COUNT }, (_, at) => PLAIN_STEP * at);
  const first = Math.ceil(TIME_FIRST - Math.log2(scale));
  return Array.from({ length: TIME_COUNT }, (_, at) => first + at);
}

function histogramOf(timing: Timing, unit: string): Family['samples'] {
  const { scale } = baseUnitOf(unit);
  const count = countTiming(timing);
  return [
    ...boundsOf(unit).map((exponent) => {
      const le = String(scaled(2 ** exponent, scale));
      return ['_bucket', { le }, countUpTo(timing, exponent)] as const;
    }),
    ['_bucket', { le: '+Inf' }, count],
    ['_sum', {}, scaled(timing.sum, scale)],
    ['_count', {}, count],
  ];
}

function familyOf(series: Series): Family {
  const { name, kind, unit, doc } = series;
  const { scale } = baseUnitOf(unit);
  const isCounted = name.startsWith('dagent.');
  const help =
    doc.trim() || (isCounted ? `Counted by the daemon: ${name}.` : `Reported as ${name}.`);
  const named = { name: prometheusName(series), help };
  switch (kind) {
    case 'counter':
      return { ...named, type: 'counter', samples: [['', {}, scaled(series.total, scale)]] };
    case 'gauge':
      return { ...named, type: 'gauge', samples: [['', {}, scaled(series.value, scale)]] };
    default:
      return { ...named, type: 'histogram', samples: histogramOf(series.timing, unit) };
  }
}

function nodeFamilies(node: PrometheusNode): Family[] {
  const { role, version, startedAtMs, leftOut } = node;
  const gauge = (name: string, help: string, value: number, labels: Labels = {}): Family => {
    return { name, help, type: 'gauge', samples: [['', labels, value]] };
  };
  const info = { role, realm: node.realm ?? '', version };
  return [
    gauge('dagent_node_info', 'The node, in its labels.', 1, info),
    gauge('dagent_start_time_seconds', 'When the daemon started.', startedAtMs / 1000),
    gauge('dagent_series_left_out', 'Series that were too many to be told.', leftOut),
  ];
}

/** The names that stand in the lines of a family. */
function linesOf({ name, samples }: Family): ReadonlySet<string> {
  return new Set([name, ...samples.map(([ending]) => `${name}${ending}`)]);
}

/** A family under a name of which none of its lines is taken yet. */
function rename(family: Family, taken: ReadonlySet<string>): Family {
  const [, stem = '', ending = ''] = /^(.*?)(_total)?$/s.exec(family.name) ?? [];
  let renamed = family;
  const isTaken = (line: string): boolean => taken.has(line);
  for (let at = 2; [...linesOf(renamed)].some(isTaken); at++) {
    renamed = { ...family, name: `${stem}_${at}${ending}` };
  }
  return renamed;
}

/** All that a node tells to who scrapes it. */
export function formatPrometheus(node: PrometheusNode, all: Iterable<Series>): string {
  const taken = new Set<string>();
  const parts: string[] = [];
  for (const family of [...nodeFamilies(node), ...Array.from(all, familyOf)]) {
    const { name, help, type, samples } = rename(family, taken);
    for (const line of linesOf({ ...family, name })) taken.add(line);
    parts.push(`# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`);
    for (const [ending, labels, value] of samples) {
      parts.push(formatSample(`${name}${ending}`, { node: node.name, ...labels }, value));
    }
  }
  return parts.join('');
}
