/**
 * Facts of a host for people: sections of rows to align. The facts come from other nodes, maybe of
 * another version, maybe hostile: nothing is trusted to have its shape, and all text is escaped
 * here.
 */
import { FORMATS } from './format-info-classes.ts';
import type { FormatOptions, InfoSection } from './format-info-fields.ts';
import { flatten, isFields, pairs, textOf } from './format-info-fields.ts';

export type { FormatOptions, InfoSection } from './format-info-fields.ts';

/** What a node tells: under `node` its name, and its facts by class. */
export type InfoRecord = Readonly<Record<string, unknown>>;

/** The node itself, which is no class; its name is for the caller to show. */
const NODE_FIELD = 'node';

function formatClass(name: string, facts: unknown, options: FormatOptions): InfoSection[] {
  if (isFields(facts) && isFields(facts.error)) {
    const { error } = facts;
    return [pairs(name, [['failed', textOf(error, 'message') ?? textOf(error, 'code') ?? '?']])];
  }
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  if (format !== undefined && isFields(facts)) return format(facts, options);
  if (format !== undefined && Array.isArray(facts)) return format({ list: facts }, options);
  return [pairs(name, flatten(facts))];
}

/** The sections of a record, in its own order of classes. */
export function formatInfo(
  record: InfoRecord,
  options: FormatOptions = { isFull: false },
): InfoSection[] {
  const classes = Object.entries(record).filter(([name]) => name !== NODE_FIELD);
  const sections = classes.flatMap(([name, facts]) => formatClass(name, facts, options));
  return sections.filter((section) => section.rows.length > 0);
}
