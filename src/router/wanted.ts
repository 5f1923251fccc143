/**
 * Which links want the events of which topics. A program wants the patterns that it subscribed to,
 * a link to another node what is wanted behind it. No link is told here: see interest.ts.
 */
import { TOPIC_MEMO_MAX } from '../protocol/limits.ts';
import { isWild, matchesTopic } from '../protocol/topic.ts';
import type { LinkId } from './io.ts';

/** By whom a pattern is wanted: by nobody, by one link, or by more. */
export type Standing = LinkId | 'none' | 'many';

export interface Wanted {
  /** By pattern: how often each link wants it. A child does as often as nodes below it do. */
  readonly links: Map<string, Map<LinkId, number>>;
  /** Which of the patterns match more than themselves. */
  readonly wild: Set<string>;
  /** By pattern: how many programs of this node want it. */
  readonly own: Map<string, number>;
  /** Patterns that are news for the children, and by whom each was wanted when they last heard. */
  readonly news: Map<string, Standing>;
  /** Children that have not heard anything yet. */
  readonly newcomers: Set<LinkId>;
  /** The links that want a topic, while nobody changes his mind. */
  readonly memo: Map<string, readonly LinkId[]>;
}

export function createWanted(): Wanted {
  return {
    links: new Map(),
    wild: new Set(),
    own: new Map(),
    news: new Map(),
    newcomers: new Set(),
    memo: new Map(),
  };
}

/** By whom a pattern is wanted now. */
export function standingOf(wanted: Wanted, pattern: string): Standing {
  const links = wanted.links.get(pattern);
  if (links === undefined) return 'none';
  const [only = 'none'] = links.keys();
  return links.size > 1 ? 'many' : only;
}

/** Whether anybody but `link` wants it. */
export function isWantedBeside(standing: Standing, link: LinkId): boolean {
  return standing !== 'none' && standing !== link;
}

function noteNews(wanted: Wanted, pattern: string): void {
  wanted.memo.clear();
  if (!wanted.news.has(pattern)) wanted.news.set(pattern, standingOf(wanted, pattern));
}

/** A link wants a pattern, perhaps once more. */
export function want(wanted: Wanted, pattern: string, link: LinkId): void {
  let links = wanted.links.get(pattern);
  const count = links?.get(link) ?? 0;
  if (count === 0) noteNews(wanted, pattern);
  if (links === undefined) {
    links = new Map();
    wanted.links.set(pattern, links);
    if (isWild(pattern)) wanted.wild.add(pattern);
  }
  links.set(link, count + 1);
}

/** A link wants a pattern once less. */
export function unwant(wanted: Wanted, pattern: string, link: LinkId): void {
  const links = wanted.links.get(pattern);
  const count = links?.get(link);
  if (links === undefined || count === undefined) return;
  if (count > 1) {
    links.set(link, count - 1);
    return;
  }
  noteNews(wanted, pattern);
  links.delete(link);
  if (links.size > 0) return;
  wanted.links.delete(pattern);
  wanted.wild.delete(pattern);
}

/** The links that want a topic. */
export function findWanting(wanted: Wanted, topic: string): readonly LinkId[] {
  const known = wanted.memo.get(topic);
  if (known !== undefined) return known;
  const found = new Set(wanted.links.get(topic)?.keys());
  for (const pattern of wanted.wild) {
    if (!matchesTopic(pattern, topic)) continue;
    for (const link of wanted.links.get(pattern)?.keys() ?? []) found.add(link);
  }
  const links = [...found];
  if (wanted.memo.size >= TOPIC_MEMO_MAX) wanted.memo.clear();
  wanted.memo.set(topic, links);
  return links;
}
