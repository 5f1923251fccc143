/** The tables of documents in docs/, made from the registries that they document. */
import { formatDuration } from '../../src/base/duration.ts';
import { formatBytes } from '../../src/base/size.ts';

const BEGIN = '<!-- table: made by `npm run docs` -->';
const END = '<!-- end of table -->';

/** An entry of the registry of errors, as far as it is documented. */
export interface ErrorEntry {
  readonly message: string;
  readonly hint?: string;
  readonly exit: number;
  readonly retryable?: boolean;
}

/** A limit: its name, its value, and what its comment says. */
export interface Limit {
  readonly name: string;
  readonly value: number;
  readonly text: string;
}

/** What to do about an error that has no hint of its own: what its exit status tells. */
const ADVICE: Readonly<Record<number, string>> = {
  1: 'See what the message names, and put that right.',
  2: 'Correct the command: `dagent help` shows its use.',
  3: 'Correct the name: `dagent tree` shows those there are.',
  4: 'Ask who runs the realm.',
  5: 'See `dagent tree`, and the log of the node that is named.',
  6: 'See the logs of both daemons: `dagent daemon logs`.',
  124: 'Allow more time: `--timeout`.',
  130: 'Nothing: it was asked for.',
};

function cell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s+/g, ' ').trim();
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

/** Codes by theme, in their order: the registry has a comment above each group. */
function themesOf(source: string): Map<string, string[]> {
  const themes = new Map<string, string[]>();
  let theme = '';
  for (const [, comment, code] of source.matchAll(/^ {2}(?:\/\/ (.+)\.|(E_[A-Z_]+):)/gm)) {
    theme = comment ?? theme;
    if (code !== undefined) themes.set(theme, [...(themes.get(theme) ?? []), code]);
  }
  return themes;
}

function adviceOf({ hint, exit, retryable }: ErrorEntry): string {
  if (hint !== undefined && !/^\{\w+\}$/.test(hint)) {
    return `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`.replace(/([.?])\.$/, '$1');
  }
  return retryable === true ? 'Try again: it can pass by itself.' : (ADVICE[exit] ?? '');
}

/** The files of the registry of errors, in the order of its themes. */
export const ERROR_TABLES = [
  'src/protocol/error-table.ts',
  'src/protocol/error-table-mailbox.ts',
  'src/protocol/error-table-nodes.ts',
  'src/protocol/error-table-plugins.ts',
  'src/protocol/error-table-series.ts',
];
/** The files that make up the registry of limits, in the order of the document. */
export const LIMIT_TABLES = [
  'src/protocol/limits.ts',
  'src/protocol/limits-links.ts',
  'src/protocol/limits-local.ts',
  'src/protocol/limits-outcome.ts',
  'src/protocol/limits-mailbox.ts',
  'src/protocol/limits-calls.ts',
  'src/protocol/limits-client.ts',
  'src/protocol/limits-exec.ts',
  'src/protocol/limits-hub.ts',
  'src/protocol/limits-job.ts',
  'src/protocol/limits-roster.ts',
  'src/protocol/limits-plugins.ts',
  'src/protocol/limits-files.ts',
  'src/protocol/limits-flags.ts',
  'src/protocol/limits-statistics.ts',
  'src/protocol/limits-top.ts',
  'src/protocol/limits-series.ts',
];

/** The tables of errors, one per theme. `source` is the text of the registry. */
export function renderErrors(errors: Readonly<Record<string, ErrorEntry>>, source: string): string {
  const sections = [...themesOf(source)].flatMap(([theme, codes]) => {
    const rows = codes.flatMap((code) => {
      const entry = errors[code];
      if (entry === undefined) return [];
      const again = entry.retryable === true ? 'yes' : 'no';
      return [[`\`${code}\``, entry.message, String(entry.exit), again, adviceOf(entry)]];
    });
    const heads = ['code', 'message', 'exit', 'again?', 'what to do'];
    return [`## ${theme}`, '', ...table(heads, rows), ''];
  });
  return sections.join('\n').trimEnd();
}

/** The limits in the text of their module: a comment, and the constants right below it. */
export function readLimits(source: string): Limit[] {
  const blocks = source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n((?:export const .+\n)+)/g);
  return [...blocks].flatMap(([, comment = '', constants = '']) => {
    const text = comment
      .replace(/^\s*\* ?/gm, '')
      .replace(/\s+/g, ' ')
      .trim();
    return [...constants.matchAll(/const (\w+) = ([\d_]+);/g)].map(([, name = '', value = '']) => ({
      name,
      value: Number(value.replaceAll('_', '')),
      text,
    }));
  });
}

/**
 * The value with its unit, which is part of the name; what is neither bytes nor time is a count.
 */
function formatLimit({ name, value }: Limit): string {
  const digits = value.toLocaleString('en-GB');
  if (/_BYTES(_|$)/.test(name)) return `${digits} bytes (${formatBytes(value)})`;
  if (/_MS(_|$)/.test(name))
    return value < 1000 ? `${digits} ms` : `${digits} ms (${formatDuration(value)})`;
  if (/_LENGTH(_|$)/.test(name)) return `${digits} characters`;
  const noun = name.replace(/_(MAX|MIN|DEFAULT)$/, '');
  return `${digits} ${noun.toLowerCase().replaceAll('_', ' ')}`;
}

/** The table of limits. */
export function renderLimits(limits: readonly Limit[]): string {
  const rows = limits.map((each) => [`\`${each.name}\``, formatLimit(each), each.text]);
  return table(['limit', 'value', 'what it bounds, what happens there, and why'], rows).join('\n');
}

/** An entry of the registry of figures, as far as it is documented. */
export interface FigureEntry {
  readonly id: string;
  readonly unit: string;
  readonly doc: string;
}

/** The table of figures, by their numbers. */
export function renderFigures(figures: readonly FigureEntry[]): string {
  const rows = figures.map(({ id, unit, doc }, number) => [`${number}`, `\`${id}\``, unit, doc]);
  return table(['number', 'figure', 'unit', 'what it is'], rows).join('\n');
}

/** The document with `content` between its markers. */
export function replaceTable(document: string, content: string): string {
  const start = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the document has no ${BEGIN} and ${END}`);
  return `${document.slice(0, start)}${BEGIN}\n\n${content}\n\n${document.slice(end)}`;
}
