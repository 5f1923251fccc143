/**
 * What a plugin says of itself in its first line (docs/PLUGINS.md, section 3): read, checked, with
 * what it left out filled in. Fields that are not known are ignored.
 */
import { BUILTIN_SERVICE, isServiceName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  PLUGIN_CALL_MS_DEFAULT,
  PLUGIN_CALL_MS_MAX,
  PLUGIN_MEMORY_BYTES_DEFAULT,
  PLUGIN_MEMORY_BYTES_MAX,
  PLUGIN_METHODS_MAX,
  PLUGIN_PERIOD_MS_MIN,
  PLUGIN_SCHEDULES_MAX,
  PLUGIN_SERVICES_MAX,
  PLUGIN_STATISTICS_MAX,
  PLUGIN_TEXT_LENGTH_MAX,
  PLUGIN_TOPICS_MAX,
} from '../protocol/limits.ts';
import { isSeriesKind, type SeriesKind } from '../protocol/series.ts';
import { isTopicPattern } from '../protocol/topic.ts';

/** The version of the protocol between a node and its plugins. */
export const PLUGIN_PROTOCOL = 1;

export interface MethodSpec {
  /** `class.method`. */
  readonly name: string;
  readonly doc: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

export interface ScheduleSpec {
  readonly name: string;
  readonly doc: string;
  readonly everyMs: number;
  /** Each run is late by a part of it, drawn by chance. */
  readonly jitterMs: number;
  readonly timeoutMs: number;
}

export interface StatisticSpec {
  readonly name: string;
  readonly kind: SeriesKind;
  readonly unit: string;
  readonly doc: string;
}

export interface PluginHello {
  readonly name: string;
  readonly version: string;
  readonly doc: string;
  /** Names of its classes, each with its doc. */
  readonly classes: Readonly<Record<string, string>>;
  readonly methods: readonly MethodSpec[];
  readonly services: readonly string[];
  readonly topics: readonly string[];
  readonly statistics: readonly StatisticSpec[];
  readonly schedules: readonly ScheduleSpec[];
  readonly memoryBytes: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What languages call an identifier, so that `class.method` can be one everywhere; but for names
 * that mean something to the objects of JavaScript.
 */
const WORD = /^(?!(?:__proto__|constructor|prototype)$)[A-Za-z_][A-Za-z0-9_]{0,62}$/;

function fail(reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method: 'hello', reason });
}

function asFields(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  return fail(`${what} is no object`);
}

/** A field that is a text; one that is not there is empty, one that is too long is cut off. */
function readText(fields: Fields, field: string, what: string): string {
  const value = fields[field] ?? '';
  if (typeof value !== 'string') return fail(`${field} of ${what} is no text`);
  return value.slice(0, PLUGIN_TEXT_LENGTH_MAX);
}

interface Range {
  readonly min: number;
  readonly max: number;
  /** Instead of one that is not there; without it there must be one. */
  readonly otherwise?: number;
}

function readNumber(fields: Fields, field: string, what: string, range: Range): number {
  const { min, max, otherwise } = range;
  const value = fields[field] ?? otherwise;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  return fail(`${field} of ${what} is no number from ${min} to ${max}`);
}

/** A field that is a list, if it is there. */
function readList(fields: Fields, field: string, max: number): readonly unknown[] {
  const value = fields[field] ?? [];
  if (!Array.isArray(value)) return fail(`${field} is no list`);
  if (value.length > max) return fail(`${field} has ${value.length} entries; at most ${max}`);
  return value;
}

/** A list of names, each once. */
function readNames(
  fields: Fields,
  field: string,
  max: number,
  isName: (name: string) => boolean,
): readonly string[] {
  const names = readList(fields, field, max).map((name) => {
    if (typeof name === 'string' && isName(name)) return name;
    return fail(`${field} has ${JSON.stringify(name)}, which is no name for it`);
  });
  return [...new Set(names)];
}

/** The name of an entry of a list of objects. */
function readName(fields: Fields, list: string, names: Set<string>): string {
  const { name } = fields;
  if (typeof name !== 'string' || !isServiceName(name)) {
    return fail(`${list} has an entry without a name`);
  }
  if (names.has(name)) return fail(`${list} has ${name} twice`);
  names.add(name);
  return name;
}

function readTimeout(fields: Fields, what: string): number {
  const range = { min: 1, max: PLUGIN_CALL_MS_MAX, otherwise: PLUGIN_CALL_MS_DEFAULT };
  return readNumber(fields, 'timeoutMs', what, range);
}

function readMethods(owner: string, fields: Fields): MethodSpec[] {
  return Object.entries(asFields(fields.methods ?? {}, `methods of ${owner}`)).map(
    ([word, value]) => {
      if (!WORD.test(word)) return fail(`${owner} has a method ${JSON.stringify(word)}`);
      const name = `${owner}.${word}`;
      const method = asFields(value, name);
      const args = readList(method, 'args', PLUGIN_METHODS_MAX);
      if (!args.every((each) => typeof each === 'string'))
        return fail(`args of ${name} are no texts`);
      return {
        name,
        doc: readText(method, 'doc', name),
        args: args as string[],
        timeoutMs: readTimeout(method, name),
      };
    },
  );
}

function readClasses(fields: Fields): Pick<PluginHello, 'classes' | 'methods'> {
  const classes: Record<string, string> = {};
  const methods: MethodSpec[] = [];
  for (const [name, value] of Object.entries(asFields(fields.classes ?? {}, 'classes'))) {
    if (!WORD.test(name)) return fail(`classes has ${JSON.stringify(name)}, which is no name`);
    const each = asFields(value, `the class ${name}`);
    classes[name] = readText(each, 'doc', name);
    methods.push(...readMethods(name, each));
  }
  if (methods.length > PLUGIN_METHODS_MAX) {
    return fail(`${methods.length} methods; at most ${PLUGIN_METHODS_MAX}`);
  }
  return { classes, methods };
}

function readSchedules(fields: Fields): ScheduleSpec[] {
  const names = new Set<string>();
  return readList(fields, 'schedules', PLUGIN_SCHEDULES_MAX).map((value) => {
    const each = asFields(value, 'an entry of schedules');
    const name = readName(each, 'schedules', names);
    const period = { min: PLUGIN_PERIOD_MS_MIN, max: Number.MAX_SAFE_INTEGER };
    const everyMs = readNumber(each, 'everyMs', name, period);
    return {
      name,
      doc: readText(each, 'doc', name),
      everyMs,
      jitterMs: readNumber(each, 'jitterMs', name, { min: 0, max: everyMs, otherwise: 0 }),
      timeoutMs: readTimeout(each, name),
    };
  });
}

function readStatistics(fields: Fields): StatisticSpec[] {
  const names = new Set<string>();
  return readList(fields, 'statistics', PLUGIN_STATISTICS_MAX).map((value) => {
    const each = asFields(value, 'an entry of statistics');
    const name = readName(each, 'statistics', names);
    const { kind = 'gauge' } = each;
    if (!isSeriesKind(kind)) return fail(`${name} is no counter, gauge or timing`);
    return { name, kind, unit: readText(each, 'unit', name), doc: readText(each, 'doc', name) };
  });
}

/** The hello in the fields of a line. Throws E_ARGUMENT_INVALID with what is wrong with it. */
export function readHello(fields: Fields): PluginHello {
  const { protocol, name } = fields;
  if (protocol !== PLUGIN_PROTOCOL) {
    return fail(`it speaks protocol ${JSON.stringify(protocol)}; this node ${PLUGIN_PROTOCOL}`);
  }
  const isFit = typeof name === 'string' && isServiceName(name) && !name.startsWith('~');
  if (!isFit || name === BUILTIN_SERVICE) {
    return fail(`${JSON.stringify(name)} is no name for a plugin`);
  }
  const isService = (each: string): boolean => isServiceName(each) && !each.startsWith('~');
  return {
    name,
    version: readText(fields, 'version', name),
    doc: readText(fields, 'doc', name),
    ...readClasses(fields),
    services: readNames(fields, 'services', PLUGIN_SERVICES_MAX, isService),
    topics: readNames(fields, 'topics', PLUGIN_TOPICS_MAX, isTopicPattern),
    statistics: readStatistics(fields),
    schedules: readSchedules(fields),
    memoryBytes: readNumber(fields, 'memoryBytes', name, {
      min: 1,
      max: PLUGIN_MEMORY_BYTES_MAX,
      otherwise: PLUGIN_MEMORY_BYTES_DEFAULT,
    }),
  };
}
