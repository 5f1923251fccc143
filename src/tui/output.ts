/**
 * The output of something that runs on nodes: a bounded number of lines, the oldest of which go,
 * and the place in them that is looked at. Lines have numbers that never change, so that what is
 * looked at stands still while others come and go.
 */
import type { Verdict } from '../protocol/exec.ts';
import { TOP_CHARS_MAX, TOP_LINES_MAX } from '../protocol/limits.ts';
import type { Style } from './palette.ts';
import { nodesOf, type RunSpec } from './runs/spec.ts';

export interface OutputLine {
  /** The node that it comes from, or '' where there is only one. */
  readonly source: string;
  /** Escaped already. */
  readonly text: string;
  readonly style: Style;
}

/** What is new of something that runs. */
export interface OutputNews {
  readonly lines: readonly OutputLine[];
  /** Lines that came and went before anybody could see them. */
  readonly droppedCount: number;
  /** Of the nodes that are done. */
  readonly verdicts: readonly Verdict[];
  /** How far it is, where it can tell; null when that is as it was. */
  readonly progress: string | null;
}

export interface Output {
  readonly id: number;
  readonly spec: RunSpec;
  readonly startedAtMs: number;
  endedAtMs: number | null;
  /** It was told to end. */
  isCancelled: boolean;
  readonly lines: OutputLine[];
  chars: number;
  /** Number of the first line that is kept: so many are gone. */
  first: number;
  /** Number of the line at the top, unless the end is followed; characters left of the screen. */
  top: number;
  column: number;
  isFollowing: boolean;
  search: string;
  /** Number of the line that was found last; -1 before the first. */
  found: number;
  readonly verdicts: Map<Verdict, number>;
  progress: string;
}

export function createOutput(id: number, spec: RunSpec, nowMs: number): Output {
  return {
    id,
    spec,
    startedAtMs: nowMs,
    endedAtMs: null,
    isCancelled: false,
    lines: [],
    chars: 0,
    first: 0,
    top: 0,
    column: 0,
    // Facts are read from their beginning.
    isFollowing: spec.kind !== 'info',
    search: '',
    found: -1,
    verdicts: new Map(),
    progress: '',
  };
}

/** Takes the oldest lines away that there is no room for. */
function trim(output: Output): void {
  const { lines } = output;
  let count = Math.max(0, lines.length - TOP_LINES_MAX);
  for (let index = 0; index < lines.length; index++) {
    if (index >= count && output.chars <= TOP_CHARS_MAX) break;
    output.chars -= lines[index]!.text.length;
    count = Math.max(count, index + 1);
  }
  lines.splice(0, count);
  output.first += count;
}

export function takeNews(output: Output, news: OutputNews): void {
  const { lines, droppedCount, verdicts, progress } = news;
  if (droppedCount > 0) {
    output.first += output.lines.length + droppedCount;
    output.lines.length = 0;
    output.chars = 0;
  }
  for (const line of lines) {
    output.lines.push(line);
    output.chars += line.text.length;
  }
  trim(output);
  for (const verdict of verdicts) {
    output.verdicts.set(verdict, (output.verdicts.get(verdict) ?? 0) + 1);
  }
  if (progress !== null) output.progress = progress;
}

/** Nodes of which nothing is known yet. */
export function openCount({ spec, verdicts }: Output): number {
  return nodesOf(spec).length - [...verdicts.values()].reduce((sum, count) => sum + count, 0);
}

/** Number of the line at the top of `height` lines. */
export function topOf({ first, lines, top, isFollowing }: Output, height: number): number {
  const last = first + Math.max(0, lines.length - height);
  return isFollowing ? last : Math.max(first, Math.min(top, last));
}

/** Scrolls by `count` lines. At its end, what comes is followed. */
export function scrollOutput(output: Output, count: number, height: number): void {
  const last = output.first + Math.max(0, output.lines.length - height);
  const top = topOf(output, height) + count;
  output.isFollowing = top >= last;
  output.top = Math.max(output.first, Math.min(top, last));
}

/** Follows what comes, or stands still where it is. */
export function follow(output: Output, isFollowing: boolean, height: number): void {
  output.top = topOf(output, height);
  output.isFollowing = isFollowing;
}

export function isFound({ search }: Output, { text, source }: OutputLine): boolean {
  const wanted = search.toLowerCase();
  return text.toLowerCase().includes(wanted) || source.toLowerCase().includes(wanted);
}

/**
 * Goes to the next line that is searched for, `step` being 1 or -1, and past the end to the other
 * one. Whether there is any.
 */
export function findNext(output: Output, step: number, height: number): boolean {
  const { lines, first, search } = output;
  if (search === '' || lines.length === 0) return false;
  const from = output.found < first ? topOf(output, height) - step : output.found;
  const at = from - first;
  for (let count = 1; count <= lines.length; count++) {
    const index = (at + step * count + lines.length * count) % lines.length;
    if (!isFound(output, lines[index]!)) continue;
    output.found = first + index;
    output.isFollowing = false;
    output.top = output.found;
    return true;
  }
  return false;
}

/** All that is kept, as a text of lines. */
export function textOfOutput({ lines, first }: Output): string {
  const gone = first > 0 ? [`[... ${first} lines are not kept ...]`] : [];
  const kept = lines.map(({ source, text }) => (source === '' ? text : `${source}: ${text}`));
  return [...gone, ...kept].map((line) => `${line}\n`).join('');
}
