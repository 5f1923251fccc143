/** The lines that a plugin writes after its hello, one JSON object each (docs/PLUGINS.md). */
import { toText } from '../base/text.ts';
import {
  type FlagPriority,
  isFlagMessage,
  isFlagPriority,
  isFlagTags,
  isFlagWord,
} from '../protocol/flag.ts';
import { PLUGIN_TEXT_LENGTH_MAX } from '../protocol/limits.ts';
import { isSeriesKind, type SeriesKind } from '../protocol/series.ts';

/** What a method raised. */
export interface PluginFault {
  readonly class: string;
  /** Where its class is from; '' when it does not say. */
  readonly module: string;
  readonly message: string;
  readonly args: readonly unknown[];
}

/** A flag that a plugin raises or lowers, under its own name; what is absent stays as it is. */
export interface PluginFlag {
  readonly kind: 'raise' | 'lower';
  readonly section: string;
  readonly flag: string;
  readonly wish: {
    readonly priority: FlagPriority | undefined;
    readonly tags: readonly string[] | undefined;
    readonly message: string | undefined;
    readonly isManual: boolean;
  };
}

export type PluginLine =
  | PluginFlag
  | { readonly kind: 'hello'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly fault: PluginFault }
  | { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'statistic';
      readonly name: string;
      readonly value: number;
      /** Absent: as the hello says. */
      readonly statistic: SeriesKind | undefined;
      readonly unit: string | undefined;
    };

type Fields = Readonly<Record<string, unknown>>;

function parseFault({ class: name, module, message, args }: Fields): PluginFault {
  return {
    class: toText(name).slice(0, PLUGIN_TEXT_LENGTH_MAX) || 'Error',
    module: toText(module).slice(0, PLUGIN_TEXT_LENGTH_MAX),
    message: toText(message),
    args: Array.isArray(args) ? (args as unknown[]) : [],
  };
}

function parseAnswer(fields: Fields): PluginLine | undefined {
  const { type, id, value = null } = fields;
  if (!Number.isSafeInteger(id)) return undefined;
  const number = Number(id);
  if (type === 'error') return { kind: 'error', id: number, fault: parseFault(fields) };
  return { kind: type === 'result' ? 'result' : 'progress', id: number, value };
}

function parseStatistic({ name, kind, value, unit }: Fields): PluginLine | undefined {
  if (typeof name !== 'string' || name === '' || name.length > PLUGIN_TEXT_LENGTH_MAX) {
    return undefined;
  }
  if (typeof value !== 'number' || (kind !== undefined && !isSeriesKind(kind))) return undefined;
  if (unit !== undefined && typeof unit !== 'string') return undefined;
  const short = unit?.slice(0, PLUGIN_TEXT_LENGTH_MAX);
  return { kind: 'statistic', name, value, statistic: kind, unit: short };
}

function parsePluginFlag(kind: 'raise' | 'lower', fields: Fields): PluginLine | undefined {
  const { section, flag, priority, tags, message, isManual = false } = fields;
  if (!isFlagWord(section) || !isFlagWord(flag) || typeof isManual !== 'boolean') return undefined;
  if (priority !== undefined && !isFlagPriority(priority)) return undefined;
  if (tags !== undefined && !isFlagTags(tags)) return undefined;
  if (message !== undefined && !isFlagMessage(message)) return undefined;
  return { kind, section, flag, wish: { priority, tags, message, isManual } };
}

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** The line in a text; undefined when it is none of the protocol. */
export function parsePluginLine(text: string): PluginLine | undefined {
  const fields = parseObject(text);
  switch (fields?.type) {
    case 'hello':
      return { kind: 'hello', fields };
    case 'result':
    case 'error':
    case 'progress':
      return parseAnswer(fields);
    case 'statistic':
      return parseStatistic(fields);
    case 'raise':
    case 'lower':
      return parsePluginFlag(fields.type, fields);
    default:
      return undefined;
  }
}

/** What JSON has no word for: bytes become text in base64, large integers the nearest number. */
function replaceValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  // A Buffer has become an object of its own by the time that we see it.
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  if (type === 'Buffer' && Array.isArray(data)) {
    return Buffer.from(data as number[]).toString('base64');
  }
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

/**
 * A line for a plugin. Fields stand in the order in which they are given, without blanks, so that a
 * shell can cut them out.
 */
export function encodePluginLine(fields: object): Buffer {
  return Buffer.from(`${JSON.stringify(fields, replaceValue)}\n`);
}
