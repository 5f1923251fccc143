/** Messages as lines of JSON: what `send --stdin` takes is what `listen --json` prints. */
import { toText } from '../base/text.ts';
import type { SendOptions } from '../client/index.ts';
import { DagentError } from '../protocol/errors.ts';

export interface MessageLine {
  readonly to: string;
  readonly command: string;
  readonly options: SendOptions;
  /** Of a durable message: its id, if its sender has given it one. */
  readonly id?: string | undefined;
}

function complaint(reason: string): DagentError {
  return new DagentError('E_MESSAGE_INVALID', { reason });
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw complaint((error as Error).message);
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(record: Record<string, unknown>, field: string): string {
  const value = record[field];
  if (typeof value === 'string') return value;
  throw complaint(value === undefined ? `${field} is missing` : `${field} is not a text`);
}

/** Numbers and booleans are texts on the wire. */
function paramsOf(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isMap(value)) throw complaint('params is not an object');
  const entries = Object.entries(value);
  const odd = entries.find(([, each]) => typeof each === 'object');
  if (odd !== undefined) throw complaint(`params.${odd[0]} is neither a text nor a number`);
  // One without parameters goes out much faster.
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, each]) => [name, toText(each)]));
}

function dataOf(record: Record<string, unknown>): Buffer | undefined {
  if (record.data === undefined || record.data === null) return undefined;
  const text = textOf(record, 'data');
  if (record.enc === undefined || record.enc === null) return Buffer.from(text);
  if (record.enc !== 'base64') throw complaint(`enc is ${String(record.enc)}, not base64`);
  const data = Buffer.from(text, 'base64');
  if (data.toString('base64') !== text) throw complaint('data is not in base64, as enc says');
  return data;
}

/**
 * The message of a line: `to`, `command`, and where there are any `params`, `data` and `enc`; of a
 * durable message also its `id`.
 * Other fields are ignored. Throws E_MESSAGE_INVALID.
 */
export function parseMessageLine(line: string): MessageLine {
  const record = parseJson(line);
  if (!isMap(record)) throw complaint('it is not an object');
  const [to, command] = [textOf(record, 'to'), textOf(record, 'command')];
  const options = { params: paramsOf(record.params), data: dataOf(record) };
  return typeof record.id === 'string'
    ? { to, command, options, id: record.id }
    : { to, command, options };
}
