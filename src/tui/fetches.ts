/** What was fetched, and what is to be: kept by what it is, the oldest given up for the newest. */
import { TOP_FETCHED_MAX } from '../protocol/limits.ts';
import type { Answer, Effect, Fetch, FetchedValues } from './effects.ts';
import { isBeside } from './layout.ts';
import type { Model } from './model.ts';

/** What is shown is asked for again after this time, or after its last failure. */
export const FETCH_MS = 5_000;
/** The same of what changes once a minute. */
export const SLOW_FETCH_MS = 20_000;

export interface Fetched<Value = unknown> {
  /** The last value that came, and when; undefined and NaN before the first. */
  readonly value: Value | undefined;
  readonly atMs: number;
  /** Why the last attempt failed, or ''. */
  readonly reason: string;
  /** When it was last asked for, and whether the answer is still to come. */
  readonly askedAtMs: number;
  readonly isLoading: boolean;
}

/** Of many nodes there is one answer, whichever they were. */
function keyOf(fetch: Fetch): string {
  return 'node' in fetch ? `${fetch.source} ${fetch.node}` : fetch.source;
}

/** What is known of what `fetch` asks for; undefined when it was never asked for. */
export function fetchedOf<Source extends keyof FetchedValues>(
  model: Model,
  fetch: Fetch<Source>,
): Fetched<FetchedValues[Source]> | undefined {
  // Only the answer to this very fetch is kept under its key.
  return model.fetched.get(keyOf(fetch)) as Fetched<FetchedValues[Source]> | undefined;
}

function intervalOf({ source }: Fetch): number {
  return source === 'history' ? SLOW_FETCH_MS : FETCH_MS;
}

/** What the view, and the details that are open, want to have. */
function wantedOf(model: Model): readonly Fetch[] {
  const { view, state, pane } = model;
  const own = pane === null || isBeside(model) ? (view.fetches?.(model) ?? []) : [];
  if (pane !== 'details' || state.selected === null) return own;
  return [...own, ...(view.detailFetches?.(model, state.selected) ?? [])];
}

/** What is to be fetched now. Nothing while the screen stands still or the link is lost. */
export function dueFetches(model: Model, nowMs: number): Effect[] {
  if (model.pausedAtMs !== null || model.link.state !== 'live') return [];
  const due = wantedOf(model).filter((fetch) => {
    const known = model.fetched.get(keyOf(fetch));
    return (
      known === undefined || (!known.isLoading && nowMs - known.askedAtMs >= intervalOf(fetch))
    );
  });
  for (const fetch of due) {
    const key = keyOf(fetch);
    const { value, atMs = NaN, reason = '' } = model.fetched.get(key) ?? {};
    model.fetched.delete(key);
    model.fetched.set(key, { value, atMs, reason, askedAtMs: nowMs, isLoading: true });
    const [oldest] = model.fetched.keys();
    if (model.fetched.size > TOP_FETCHED_MAX) model.fetched.delete(oldest!);
  }
  return due.map((fetch) => ({ kind: 'fetch', fetch }));
}

/** What is shown is asked for again at once. */
export function forgetFreshness(model: Model): undefined {
  for (const [key, known] of model.fetched) {
    if (!known.isLoading) model.fetched.set(key, { ...known, askedAtMs: -Infinity });
  }
}

/** Takes in what became of `fetch`. */
export function takeAnswer(model: Model, fetch: Fetch, answer: Answer, nowMs: number): void {
  const known = model.fetched.get(keyOf(fetch));
  if (known === undefined) return;
  const came =
    'value' in answer
      ? { value: answer.value, atMs: nowMs, reason: '' }
      : { reason: answer.reason };
  model.fetched.set(keyOf(fetch), { ...known, ...came, isLoading: false });
  model.fetchVersion++;
}
