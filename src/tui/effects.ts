/** What the model wants of the world. `update` returns it; run.ts does it. */
import type { FlagList } from '../client/flags.ts';
import type { Gathered } from '../client/gather.ts';
import type { HubContent } from '../client/hub.ts';
import type { LinkStatus } from '../client/links.ts';
import type { BoxRecord } from '../client/mailboxes.ts';
import type { ListedFlag } from '../protocol/flag.ts';
import type { NodeHistory } from '../protocol/history.ts';
import type { JobRecord } from '../protocol/job.ts';
import type { RunSpec } from './runs/spec.ts';

/** What can be fetched of one node: by its name, what comes. */
interface NodeValues {
  /** Facts of a host by class, as `dagent info` shows them. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The last hour of a node. */
  readonly history: NodeHistory;
  readonly links: readonly LinkStatus[];
  /** The flags of one node. */
  readonly nodeFlags: readonly ListedFlag[];
}

/** A link and the node that tells of it. */
export interface NodeLink extends LinkStatus {
  readonly at: string;
}

/** A box and the node that it is at. */
export interface NodeBox extends BoxRecord {
  readonly at: string;
}

/** What is gathered of many nodes, or told of all by the top. */
interface TreeValues {
  readonly allLinks: Gathered<NodeLink>;
  readonly jobs: Gathered<JobRecord>;
  readonly mailboxes: Gathered<NodeBox>;
  readonly hub: HubContent;
  readonly flags: FlagList;
}

export type FetchedValues = NodeValues & TreeValues;

/** Something to fetch: of one node, or of many. What the top tells is asked of no others. */
export type Fetch<Source extends keyof FetchedValues = keyof FetchedValues> = {
  readonly [S in Source]: S extends keyof NodeValues
    ? { readonly source: S; readonly node: string }
    : { readonly source: S; readonly nodes: readonly string[] };
}[Source];

export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  /** To the clipboard, by way of the terminal. */
  | { readonly kind: 'copy'; readonly text: string }
  /** To be run on nodes: its events are `news`, and in the end `ended`. */
  | { readonly kind: 'run'; readonly id: number; readonly spec: RunSpec }
  | { readonly kind: 'cancel'; readonly id: number }
  /** Into a new file. */
  | { readonly kind: 'save'; readonly path: string; readonly text: string }
  /** Whether the terminal is to report the mouse. */
  | { readonly kind: 'mouse'; readonly isOn: boolean }
  /** Follows what happens in the tree, or no longer. */
  | { readonly kind: 'follow'; readonly isWanted: boolean }
  /** To be answered with an event of the kind `fetched`. */
  | { readonly kind: 'fetch'; readonly fetch: Fetch };

/** What became of a fetch: the value, or a sentence that says why there is none. */
export type Answer = { readonly value: unknown } | { readonly reason: string };
