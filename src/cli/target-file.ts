/** Targets from a file or from stdin: names, expressions, or records of our own commands. */
import { createReadStream } from 'node:fs';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { TARGETS_FILE_BYTES_MAX } from '../protocol/limits.ts';
import { eitherOf, type Selector } from '../protocol/selector.ts';
import { selectorFault } from '../protocol/selector-fault.ts';
import { expandNames, parseSelector } from '../protocol/selector-parser.ts';
import { readAll } from './reader.ts';

/** Fields of our records that name a node, the first that is there. */
const NAME_FIELDS = ['target', 'node', 'name'] as const;

/** The texts of JSON values that follow each other, on one line each or on many. */
function* cutValues(text: string): Iterable<string> {
  let depth = 0;
  let from = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (isString) {
      if (character === '\\') at++;
      else if (character === '"') isString = false;
    } else if (character === '"') isString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    if (depth > 0 || isString || !/["}\]]/.test(character)) continue;
    yield text.slice(from, at + 1);
    from = at + 1;
  }
  if (text.slice(from).trim() !== '') yield text.slice(from);
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw selectorFault(text.trim(), 0, 'this is no JSON');
  }
}

/** The names in a value: a text, a record of one of our commands, or a list of these. */
function namesIn(value: unknown, text: string): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => namesIn(each, text));
  const record = (value ?? {}) as Readonly<Record<string, unknown>>;
  // The last record of a run is about all of it.
  if (record.type === 'summary') return [];
  const name =
    typeof value === 'string' ? value : NAME_FIELDS.map((it) => record[it]).find((it) => it);
  if (typeof name === 'string' && isNodeName(name)) return [name];
  throw selectorFault(text.trim(), 0, 'this names no node: target, node or name must be one');
}

function parseRecords(text: string): Selector {
  const names = Array.from(cutValues(text), (each) => namesIn(parseValue(each), each)).flat();
  return { kind: 'names', names };
}

/** A line of a list, without its comment. */
function parseLine(line: string, isNamesOnly: boolean): Selector[] {
  const text = line.replace(/(^|\s)#.*/, '').trim();
  if (text === '') return [];
  if (isNamesOnly || isNodeName(text)) return [{ kind: 'names', names: expandNames(text) }];
  return [parseSelector(text)];
}

/**
 * The targets in a text: NDJSON of our commands, or a line for each. With `isNamesOnly` a line is a
 * name or a node set: what comes through a pipe must not become `*`. `where` is named in errors.
 * Throws E_SELECTOR.
 */
export function parseTargetList(text: string, where: string, isNamesOnly: boolean): Selector {
  if (/^\s*[{["]/.test(text)) return parseRecords(text);
  const parts = text.split('\n').flatMap((line, at) => {
    try {
      return parseLine(line, isNamesOnly);
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      const reason = `${error.values.reason} (line ${at + 1} of ${where})`;
      throw new DagentError(error.code, { ...error.values, reason });
    }
  });
  return eitherOf(parts);
}

/** The targets in a file; `-` is stdin. Throws E_USAGE, E_TOO_LARGE, E_SELECTOR. */
export async function readTargetFile(path: string): Promise<Selector> {
  const isStdin = path === '-';
  const stream = isStdin ? process.stdin : createReadStream(path);
  const what = isStdin ? 'stdin' : path;
  const bytes = await readAll(stream, what, TARGETS_FILE_BYTES_MAX);
  return parseTargetList(bytes.toString('utf8'), what, isStdin);
}
