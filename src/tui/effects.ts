/** What the model wants of the world. `update` returns it; run.tsx does it. */
import type { LinkStatus } from '../client/links.ts';
import type { ListedFlag } from '../protocol/flag.ts';
import type { NodeHistory } from '../protocol/history.ts';

/** What can be fetched: by its name, what comes. */
export interface FetchedValues {
  /** Facts of a host by class, as `dagent info` shows them. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The last hour of a node. */
  readonly history: NodeHistory;
  readonly links: readonly LinkStatus[];
  /** The flags of one node. */
  readonly nodeFlags: readonly ListedFlag[];
}

/** Something to fetch, of one node. */
export type Fetch<Source extends keyof FetchedValues = keyof FetchedValues> = {
  readonly [S in Source]: { readonly source: S; readonly node: string };
}[Source];

export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  /** To the clipboard, by way of the terminal. */
  | { readonly kind: 'copy'; readonly text: string }
  /** To be answered with an event of the kind `fetched`. */
  | { readonly kind: 'fetch'; readonly fetch: Fetch };

/** What became of a fetch: the value, or a sentence that says why there is none. */
export type Answer = { readonly value: unknown } | { readonly reason: string };
