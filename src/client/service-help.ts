/** What a service says that it offers. */
import type { ClassHelp } from '../endpoint/method-table.ts';
import { isMap } from '../protocol/pack.ts';

export type { ClassHelp };

function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function readMaps(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

/** The classes in the answer of a service, whatever that is. */
export function parseClasses(value: unknown): ClassHelp[] {
  return readMaps(value).map(({ name, doc, version, args, methods }) => ({
    name: readText(name),
    doc: readText(doc),
    version: typeof version === 'string' ? version : null,
    args: readTexts(args),
    methods: readMaps(methods).map((each) => ({
      name: readText(each.name),
      doc: readText(each.doc),
      args: readTexts(each.args),
    })),
  }));
}
