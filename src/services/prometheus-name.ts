/**
 * Names and units of series as Prometheus wants them: letters, digits and `_`, base units, the unit
 * at the end. `orders.took` in ms is `orders_took_seconds`; names of the node itself begin with
 * `dagent_`, and `host.memoryUsedBytes` is `dagent_host_memory_used_bytes`.
 */
import type { Series } from '../protocol/series.ts';

/** A unit that is told as another one: its name there, and what a value is multiplied with. */
interface BaseUnit {
  readonly suffix: string;
  readonly scale: number;
}

const BASE_UNITS: Readonly<Record<string, BaseUnit>> = {
  ns: { suffix: 'seconds', scale: 1e-9 },
  us: { suffix: 'seconds', scale: 1e-6 },
  µs: { suffix: 'seconds', scale: 1e-6 },
  ms: { suffix: 'seconds', scale: 1e-3 },
  s: { suffix: 'seconds', scale: 1 },
  min: { suffix: 'seconds', scale: 60 },
  h: { suffix: 'seconds', scale: 3_600 },
  B: { suffix: 'bytes', scale: 1 },
  percent: { suffix: 'ratio', scale: 0.01 },
  '%': { suffix: 'ratio', scale: 0.01 },
  '1/s': { suffix: 'per_second', scale: 1 },
};

function toWords(text: string): string {
  return text
    .replaceAll('/', '_per_')
    .replaceAll(/[^A-Za-z0-9_]+/g, '_')
    .replaceAll(/_{2,}/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** The unit that Prometheus is told. */
export function baseUnitOf(unit: string): BaseUnit {
  const known = Object.hasOwn(BASE_UNITS, unit) ? BASE_UNITS[unit] : undefined;
  if (known !== undefined) return known;
  return { suffix: toWords(unit.replace(/\/s$/, '/second')).toLowerCase(), scale: 1 };
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

/** The node's own names say their units at the end. */
function ownName(name: string, unit: string): string {
  const snake = toWords(toSnakeCase(name)).replace(/^(?!dagent_)/, 'dagent_');
  return unit === '' ? snake : snake.replace(new RegExp(`_${toWords(unit)}$`), '');
}

/** The name of a series, without what the kind adds. */
export function prometheusName({ name, kind, unit }: Series): string {
  const isOwn = /^(dagent|host)\./.test(name);
  const plain = isOwn ? ownName(name, unit) : toWords(name);
  const { suffix } = baseUnitOf(unit);
  const isTold = suffix === '' || plain === suffix || plain.endsWith(`_${suffix}`);
  const named = (isTold ? plain : `${plain}_${suffix}`).replace(/^(?=\d)/, '_') || '_';
  return kind === 'counter' ? `${named.replace(/_total$/, '')}_total` : named;
}
