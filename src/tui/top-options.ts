/** What `dagent top` on a terminal is handed, and the model that it begins with. */
import type { Fetch } from './effects.ts';
import type { Subscribe } from './feed.ts';
import type { Follow } from './following.ts';
import { createModel, type Model, type Size, tell } from './model.ts';
import type { RunnerOptions } from './runs/runner.ts';
import { applySettings, findOdd, nameOdd, type Settings } from './settings.ts';
import { VIEWS } from './views/index.ts';

export interface TopOptions {
  /**
   * Opens a watch: `onRecord` is first called with a snapshot; `onLost`, at most once and then as
   * the last word, with a sentence that says what happened. It is called again after a loss.
   */
  readonly subscribe: Subscribe;
  /** Settles when the first nodes come, of which the snapshot is then made; never without it. */
  readonly begun?: Promise<void>;
  /** Fetches what a view needs besides; rejects with an error whose message says why it cannot. */
  readonly fetch: (fetch: Fetch) => Promise<unknown>;
  /** What is needed to run something on nodes. */
  readonly runs: Pick<RunnerOptions, 'connect' | 'monotonicMs'>;
  /**
   * Follows what happens in the tree: hands over what it hears, and once, as the last word, why it
   * hears no more. It is over when what it returns is called.
   */
  readonly follow: Follow;
  /** The time, milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly readOnly?: boolean;
  readonly colour: boolean;
  /** Bits of a colour that the terminal shows. */
  readonly colourBits?: number;
  /** Whether the mouse may be used. */
  readonly mouse?: boolean;
  /** What was kept the last time. */
  readonly settings?: unknown;
  /**
   * Is told at the end what there was to be kept at the beginning, what there is now, and what of
   * `settings` makes no sense.
   */
  readonly onSettings?: (before: Settings, after: Settings, odd: object) => void;
  /** Whether to draw with ASCII only. */
  readonly ascii: boolean;
}

export function sizeOf({ columns, rows }: NodeJS.WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 };
}

/** Nothing is known yet; what was kept the last time is taken up. */
export function createTopModel(options: TopOptions): Model {
  const model = createModel({
    views: VIEWS,
    size: sizeOf(options.stdout),
    hasColour: options.colour,
    isAscii: options.ascii,
    isReadOnly: options.readOnly ?? false,
    hasMouse: options.mouse ?? false,
    colourBits: options.colourBits,
  });
  applySettings(model, options.settings);
  const odd = nameOdd(findOdd(model, options.settings));
  if (odd !== '') tell(model, `no sense in the settings, and left out: ${odd}`, options.nowMs());
  return model;
}
