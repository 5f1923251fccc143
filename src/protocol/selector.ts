/** What a selector says, as data; its text is read in selector-parser.ts. */
import { foldNames } from './node-set.ts';
import type { Pattern } from './pattern.ts';

/** What a node's record has under one name each. */
export const FIELDS = ['role', 'state', 'version', 'service', 'name', 'id', 'parent'] as const;
export type Field = (typeof FIELDS)[number];

/** A word; `text` is as it was typed. */
export type Term =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | {
      readonly kind: 'field';
      readonly text: string;
      readonly field: Field;
      readonly pattern: Pattern;
    }
  | {
      readonly kind: 'label';
      readonly text: string;
      readonly label: string;
      readonly pattern: Pattern;
    }
  | { readonly kind: 'under'; readonly text: string; readonly pattern: Pattern }
  /** The targets of the last run that ended so; all of them when it is ''. */
  | { readonly kind: 'last'; readonly text: string; readonly verdict: string };

export type Selector =
  | Term
  | { readonly kind: 'either'; readonly parts: readonly Selector[] }
  | { readonly kind: 'both'; readonly parts: readonly Selector[] }
  | { readonly kind: 'not'; readonly part: Selector };

/** Several selectors as one that means all that any of them means. */
export function eitherOf(parts: readonly Selector[]): Selector {
  const names = new Set<string>();
  const others: Selector[] = [];
  for (const part of parts.flatMap((each) => (each.kind === 'either' ? each.parts : [each]))) {
    if (part.kind === 'names') for (const name of part.names) names.add(name);
    else others.push(part);
  }
  if (names.size > 0 || others.length === 0) others.unshift({ kind: 'names', names: [...names] });
  const [only] = others;
  return others.length === 1 && only !== undefined ? only : { kind: 'either', parts: others };
}

/** What `selector` means without what any of `others` means. */
export function without(selector: Selector, others: readonly Selector[]): Selector {
  if (others.length === 0) return selector;
  return { kind: 'both', parts: [selector, { kind: 'not', part: eitherOf(others) }] };
}

/** Words of the grammar, which a node may be called too. */
export const RESERVED = /^(and|or|not)$/i;

function formatNames(names: readonly string[]): string {
  // The grammar has no word for none.
  if (names.length === 0) return 'not *';
  const reserved = names.filter((name) => RESERVED.test(name));
  if (reserved.length === 0) return foldNames(names);
  const others = names.filter((name) => !RESERVED.test(name));
  const texts = reserved.map((name) => `name=${name}`);
  return [...texts, ...(others.length === 0 ? [] : [foldNames(others)])].join(',');
}

/** The text of a selector, for another node to read. */
export function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'names':
      return `(${formatNames(selector.names)})`;
    case 'either':
      return `(${selector.parts.map(formatSelector).join(',')})`;
    case 'both':
      return `(${selector.parts.map(formatSelector).join(' and ')})`;
    case 'not':
      return `(not ${formatSelector(selector.part)})`;
    default:
      return selector.text;
  }
}

/** `selector` with each of its last terms replaced. */
export function replaceLast(selector: Selector, replace: (verdict: string) => Selector): Selector {
  switch (selector.kind) {
    case 'last':
      return replace(selector.verdict);
    case 'either':
      return eitherOf(selector.parts.map((part) => replaceLast(part, replace)));
    case 'both':
      return { kind: 'both', parts: selector.parts.map((part) => replaceLast(part, replace)) };
    case 'not':
      return { kind: 'not', part: replaceLast(selector.part, replace) };
    default:
      return selector;
  }
}
