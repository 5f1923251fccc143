/**
 * Taking apart facts that have any shape, and putting together rows that a terminal can be given.
 */
import { escapeLine } from '../base/escape.ts';
import { formatBytes } from '../base/size.ts';

/** With a header it is a table; without, each row is a label and a value. */
export interface InfoSection {
  readonly title: string;
  readonly header?: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface FormatOptions {
  /**
   * Also what is left out for being read at a glance: idle interfaces, accounts without a login.
   */
  readonly isFull: boolean;
}

/** Sections of one class. One that answers with an array comes as its `list`. */
export type Format = (facts: Fields, options: FormatOptions) => InfoSection[];

export type Fields = Readonly<Record<string, unknown>>;

/** What stands in one place of a table; several are written with blanks between them. */
export type Cell = string | number | null | readonly (string | number | null)[];

/** Rows shown of facts whose class is not known here. */
const ROWS_MAX = 200;
/** Levels of such facts that are taken apart. What lies deeper is shown as JSON. */
const DEPTH_MAX = 3;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that says something, or null. */
export function textOf(facts: Fields, name: string): string | null {
  const value = facts[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOf(facts: Fields, name: string): number | null {
  const value = facts[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function flagOf(facts: Fields, name: string): boolean | null {
  const value = facts[name];
  return typeof value === 'boolean' ? value : null;
}

/** The entries of a list that have fields. */
export function listOf(facts: Fields, name: string): Fields[] {
  const value = facts[name];
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The texts in a list. */
export function textsOf(facts: Fields, name: string): string[] {
  const value = facts[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function isBlank(cell: Cell): boolean {
  if (cell === null || cell === '') return true;
  return typeof cell === 'object' && cell.every((part) => part === null || part === '');
}

function show(cell: Cell): string {
  const parts = typeof cell === 'object' && cell !== null ? cell : [cell];
  return escapeLine(parts.filter((part) => part !== null && part !== '').join(' '));
}

/** A section of labels and values, without those that have nothing to say. */
export function pairs(title: string, rows: readonly (readonly [string, Cell])[]): InfoSection {
  const known = rows.filter(([, value]) => !isBlank(value));
  const shown = known.map(([label, value]) => [escapeLine(label), show(value)]);
  return { title: escapeLine(title), rows: shown };
}

/** A section with a header, without the columns that are empty in every row. */
export function table(
  title: string,
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
): InfoSection {
  if (rows.length === 0) return { title, rows: [['none', '']] };
  const isKept = header.map((_, at) => at === 0 || rows.some((row) => !isBlank(row[at] ?? null)));
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, at) => isKept[at]);
  return {
    title,
    header: keep(header),
    rows: rows.map((row) => keep(row).map((cell) => (isBlank(cell) ? '-' : show(cell)))),
  };
}

/** Facts of a class that this version does not know: their paths and values. */
export function flatten(facts: unknown): [string, Cell][] {
  const rows: [string, Cell][] = [];
  const visit = (value: unknown, path: string, depth: number): void => {
    if (rows.length >= ROWS_MAX) return;
    const isDeep = depth > DEPTH_MAX || typeof value !== 'object' || value === null;
    if (isDeep) {
      rows.push([path, typeof value === 'string' ? value : (JSON.stringify(value) ?? null)]);
      return;
    }
    for (const [name, each] of Object.entries(value)) {
      visit(each, path === '' ? name : `${path}.${name}`, depth + 1);
    }
  };
  visit(facts, '', 0);
  if (rows.length >= ROWS_MAX) rows.push(['...', `only ${ROWS_MAX} rows are shown; see --json`]);
  return rows;
}

export function bytes(value: number | null): string | null {
  return value === null ? null : formatBytes(value);
}

export function percent(value: number | null): string | null {
  return value === null ? null : `${Math.round(value)}%`;
}

/** `2.0 GiB of 24 GiB (8%)`. */
export function share(part: number | null, whole: number | null): string | null {
  if (part === null || whole === null || whole === 0) return bytes(part);
  return `${formatBytes(part)} of ${formatBytes(whole)} (${percent((part / whole) * 100)})`;
}

/** An instant in UTC, to the minute. */
export function moment(atMs: number | null): string | null {
  const date = new Date(atMs ?? Number.NaN);
  if (Number.isNaN(date.getTime())) return null;
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function megahertz(value: number | null): string | null {
  return value === null ? null : `${value} MHz`;
}

/** `1 core`, `2 cores`. */
export function count(amount: number | null, noun: string): string | null {
  return amount === null ? null : `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** The parts that are known, with `separator` between them, or null when none is. */
export function joined(parts: readonly (string | null)[], separator: string): string | null {
  const known = parts.filter((part) => part !== null && part !== '');
  return known.length === 0 ? null : known.join(separator);
}
