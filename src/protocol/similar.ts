/** What somebody may have meant who mistyped a word. */
import { distance } from 'fastest-levenshtein';

const SUGGESTION_COUNT_MAX = 3;

/** Names close to what was typed, nearest first. */
export function findSimilar(wanted: string, names: Iterable<string>): string[] {
  const distanceMax = Math.max(2, Math.floor(wanted.length / 2));
  const near: { readonly name: string; readonly steps: number }[] = [];
  for (const name of names) {
    // The difference in length is the least number of steps: most names need no closer look.
    if (Math.abs(name.length - wanted.length) > distanceMax) continue;
    const steps = distance(wanted.toLowerCase(), name.toLowerCase());
    if (steps <= distanceMax) near.push({ name, steps });
  }
  return near
    .sort((a, b) => a.steps - b.steps || (a.name < b.name ? -1 : 1))
    .slice(0, SUGGESTION_COUNT_MAX)
    .map(({ name }) => name);
}
