/**
 * Which nodes a selector means. Sets are marks beside a list, names are found by a Map: the cost is
 * the number of nodes times that of terms that look at each.
 *
 * A name that nobody has is a target too, when it was asked for: who names web9 must hear that
 * there is none. Nothing is known of it but its name.
 */

import { foldNames } from './node-set.ts';
import { matchesPattern } from './pattern.ts';
import type { NodeRecord } from './record.ts';
import type { Field, Selector, Term } from './selector.ts';
import { findSimilar } from './similar.ts';

export interface SelectableNode {
  readonly record: Pick<
    NodeRecord,
    'name' | 'id' | 'role' | 'parent' | 'services' | 'version' | 'labels'
  >;
  readonly state: 'up' | 'lost';
}

/** A term that no node meets, with what may have been meant. */
export interface Unmatched {
  readonly part: string;
  readonly similar: readonly string[];
}

export interface Selected<T> {
  readonly nodes: readonly T[];
  /** Names that were asked for and that no node has. */
  readonly unknown: readonly string[];
  /** Terms, and names, that no node meets: the first of them. */
  readonly unmatched: readonly Unmatched[];
}

/** More terms without a node than this are not told one by one. */
const UNMATCHED_COUNT_MAX = 10;
/** Characters of many names in short: node sets of a regular site are far below that. */
const FOLDED_LENGTH_MAX = 200;
/** For so many of them near words are looked for, among so many: it takes time. */
const SUGGESTED_COUNT_MAX = 3;
const WORDS_COUNT_MAX = 100_000;

type Condition = Extract<Term, { kind: 'field' | 'label' }>;
type Under = Extract<Term, { kind: 'under' }>;

/** The terms that say what is wanted, not what is not. */
function* wantedTerms(selector: Selector, isWanted = true): Iterable<Term> {
  if (selector.kind === 'not') yield* wantedTerms(selector.part, !isWanted);
  else if (selector.kind === 'either' || selector.kind === 'both') {
    for (const part of selector.parts) yield* wantedTerms(part, isWanted);
  } else if (isWanted) yield selector;
}

function readField({ record, state }: SelectableNode, field: Field): readonly string[] {
  switch (field) {
    case 'state':
      return [state];
    case 'service':
      return record.services;
    case 'parent':
      return record.parent === null ? [] : [record.parent];
    default:
      return [record[field]];
  }
}

class Selecting<T extends SelectableNode> {
  readonly nodes: readonly T[];
  readonly unknown: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #met = new Set<Term>();

  constructor(selector: Selector, nodes: readonly T[]) {
    this.nodes = nodes;
    for (const [place, { record }] of nodes.entries()) this.#places.set(record.name, place);
    for (const term of wantedTerms(selector)) {
      if (term.kind !== 'names') continue;
      for (const name of term.names) {
        if (this.#places.has(name)) continue;
        this.#places.set(name, nodes.length + this.unknown.length);
        this.unknown.push(name);
      }
    }
  }

  isMet(term: Term): boolean {
    return this.#met.has(term);
  }

  /** A mark for each node, then for each unknown name; none is set. */
  createMarks(): Uint8Array {
    return new Uint8Array(this.nodes.length + this.unknown.length);
  }

  /** Sets the marks of what `selector` means. */
  mark(selector: Selector, marks: Uint8Array): void {
    switch (selector.kind) {
      case 'names':
        for (const name of selector.names) {
          const place = this.#places.get(name);
          if (place !== undefined) marks[place] = 1;
        }
        return;
      case 'either':
        for (const part of selector.parts) this.mark(part, marks);
        return;
      case 'both':
        return this.#markBoth(selector.parts, marks);
      case 'not': {
        const others = this.createMarks();
        this.mark(selector.part, others);
        for (const [place, isOther] of others.entries()) if (isOther === 0) marks[place] = 1;
        return;
      }
      case 'under':
        return this.#markUnder(selector, marks);
      case 'field':
      case 'label':
        return this.#markEach(selector, marks);
      case 'last':
        // Only who ran it knows: it is replaced before anything is asked for.
        return;
    }
  }

  #markBoth(parts: readonly Selector[], marks: Uint8Array): void {
    const common = this.createMarks().fill(1);
    for (const part of parts) {
      const those = this.createMarks();
      this.mark(part, those);
      for (const [place, isMarked] of those.entries()) common[place]! &= isMarked;
    }
    for (const [place, isMarked] of common.entries()) if (isMarked === 1) marks[place] = 1;
  }

  #markEach(term: Condition, marks: Uint8Array): void {
    for (const [place, node] of this.nodes.entries()) {
      if (!isMet(term, node)) continue;
      marks[place] = 1;
      this.#met.add(term);
    }
    if (term.kind !== 'field' || term.field !== 'name') return;
    for (const [at, name] of this.unknown.entries()) {
      if (matchesPattern(term.pattern, name)) marks[this.nodes.length + at] = 1;
    }
  }

  /** Nodes below those that the pattern names. Each way up is walked once. */
  #markUnder(term: Under, marks: Uint8Array): void {
    const isBelow = new Int8Array(this.nodes.length).fill(-1);
    for (const start of this.nodes.keys()) {
      const way: number[] = [];
      let verdict = 0;
      for (let place = start; isBelow[place] === -1; ) {
        // Until it is known: not below. A circle of parents then has an end.
        isBelow[place] = 0;
        way.push(place);
        const { parent } = this.nodes[place]!.record;
        if (parent !== null && matchesPattern(term.pattern, parent)) verdict = 1;
        const next = parent === null ? undefined : this.#places.get(parent);
        if (verdict === 1 || next === undefined || next >= this.nodes.length) break;
        if (isBelow[next] !== -1) verdict = isBelow[next]!;
        place = next;
      }
      for (const place of way) isBelow[place] = verdict;
    }
    for (const [place, verdict] of isBelow.entries()) {
      if (verdict !== 1) continue;
      marks[place] = 1;
      this.#met.add(term);
    }
  }
}

function isMet(term: Condition, node: SelectableNode): boolean {
  if (term.kind === 'label') {
    const { labels } = node.record;
    const value = Object.hasOwn(labels, term.label) ? labels[term.label] : undefined;
    return value !== undefined && matchesPattern(term.pattern, value);
  }
  return readField(node, term.field).some((value) => matchesPattern(term.pattern, value));
}

/** The words that could have been meant by a condition `key`, or by a name when it is ''. */
function* wordsLike(key: string, nodes: readonly SelectableNode[]): Iterable<string> {
  for (const { record } of nodes.slice(0, WORDS_COUNT_MAX)) {
    if (key === '') yield record.name;
    else for (const [name, value] of Object.entries(record.labels)) yield `${name}=${value}`;
    if (key === 'service') for (const service of record.services) yield `${key}=${service}`;
    if (key === 'version') yield `${key}=${record.version}`;
  }
}

function suggest(part: string, nodes: readonly SelectableNode[]): string[] {
  const [, under = '', text = ''] = /^(under:)?(.*)$/s.exec(part) ?? [];
  const key = /^([\w.-]+)=/.exec(text)?.[1] ?? '';
  // Of a pattern what was typed of the name is compared.
  const typed = text.replace(/[*?]/g, '');
  return findSimilar(typed, new Set(wordsLike(key, nodes))).map((word) => under + word);
}

function explain(parts: readonly string[], nodes: readonly SelectableNode[]): Unmatched[] {
  return parts.slice(0, UNMATCHED_COUNT_MAX).map((part, at) => {
    return { part, similar: at < SUGGESTED_COUNT_MAX ? suggest(part, nodes) : [] };
  });
}

/** Unknown names that a condition takes away, to be told of: each, or all in short when many. */
function toldOf(dropped: readonly string[]): readonly string[] {
  if (dropped.length <= SUGGESTED_COUNT_MAX) return dropped;
  return [foldNames(dropped).slice(0, FOLDED_LENGTH_MAX)];
}

/** The nodes of `nodes` that `selector` means, in their order. */
export function selectNodes<T extends SelectableNode>(
  selector: Selector,
  nodes: readonly T[],
): Selected<T> {
  const selecting = new Selecting(selector, nodes);
  const marks = selecting.createMarks();
  selecting.mark(selector, marks);
  const unmet: string[] = [];
  for (const term of wantedTerms(selector)) {
    if (term.kind !== 'names' && term.kind !== 'last' && !selecting.isMet(term))
      unmet.push(term.text);
  }
  const isMarked = (_: string, at: number) => marks[nodes.length + at] === 1;
  const unknown = selecting.unknown.filter(isMarked);
  const dropped = selecting.unknown.filter((name, at) => !isMarked(name, at));
  return {
    nodes: nodes.filter((_, place) => marks[place] === 1),
    unknown,
    unmatched: explain([...unmet, ...toldOf(dropped), ...unknown], nodes),
  };
}
