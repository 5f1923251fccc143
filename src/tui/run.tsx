/**
 * `dagent top` on a terminal: the one place where the model meets timers, keys, signals and Ink.
 * The terminal is given back on every way out, whoever chooses it.
 */
import { type Instance, render } from 'ink';
import { Screen, type SuspendTerminal } from './app.tsx';
import type { Fetch } from './effects.ts';
import { createFeed, type Feed, type Subscribe } from './feed.ts';
import { createFrames, FRAME_MS, type Frames, KEY_FRAME_MS, type Schedule } from './frames.ts';
import { createModel, type Model, type Size } from './model.ts';
import { perform, type World } from './perform.ts';
import { drawScreen } from './screen.ts';
import { type EndingSignal, type Signals, watchSignals } from './signals.ts';
import { type Event, update } from './update.ts';
import { VIEWS } from './views/index.ts';

export interface TopOptions {
  /**
   * Opens a watch: `onRecord` is first called with a snapshot; `onLost`, at most once and then as
   * the last word, with a sentence that says what happened. It is called again after a loss.
   */
  readonly subscribe: Subscribe;
  /** Fetches what a view needs besides; rejects with an error whose message says why it cannot. */
  readonly fetch: (fetch: Fetch) => Promise<unknown>;
  /** Name of the realm until the first snapshot tells it. */
  readonly realm?: string;
  /** The time, milliseconds since the epoch. */
  readonly nowMs: () => number;
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly readOnly?: boolean;
  readonly colour: boolean;
  /** Whether to draw with ASCII only. */
  readonly ascii: boolean;
}

/** How it ended: the user left, a signal came, or it cannot go on. */
type End =
  | { readonly kind: 'quit' }
  | { readonly kind: 'signal'; readonly signal: EndingSignal }
  | { readonly kind: 'error'; readonly error: unknown };

/** A daemon that answers within this time shows its tree as the first screen. */
const CONNECT_MS_MAX = 100;
/** Ages are shown in seconds. */
const TICK_MS = 1_000;
/** A shell that stops us does so at once; after this time it did not. */
const STOP_MS_MAX = 50;
/** Ink's own limit; ours are below it. */
const INK_FPS_MAX = 60;
/** Goes to the upper left corner and erases all. */
const ERASE = '\x1b[H\x1b[J';
/** Leaves the alternate screen and shows the cursor, where Ink could not. */
const RESTORE = '\x1b[?1049l\x1b[?25h';

const schedule: Schedule = (task, ms) => {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
};

function sizeOf({ columns, rows }: NodeJS.WriteStream): Size {
  return { columns: columns || 80, rows: rows || 24 };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

class Top {
  readonly #options: TopOptions;
  readonly #model: Model;
  readonly #frames: Frames;
  readonly #feed: Feed;
  readonly #signals: Signals;
  readonly #world: World;
  readonly #answered = Promise.withResolvers<undefined>();
  readonly #ended = Promise.withResolvers<End>();
  readonly #leaveTerminal = () => this.#ended.resolve({ kind: 'signal', signal: 'SIGHUP' });
  #cancelTick: () => void = () => {};
  #lines: readonly string[] = [];
  #ink: Instance | undefined;
  #suspendTerminal: SuspendTerminal | undefined;
  #isSuspended = false;
  #goOn: () => void = () => {};

  constructor(options: TopOptions) {
    const { stdout, subscribe, nowMs } = options;
    this.#options = options;
    this.#model = createModel({
      views: VIEWS,
      size: sizeOf(stdout),
      realm: options.realm ?? '',
      hasColour: options.colour,
      isAscii: options.ascii,
      isReadOnly: options.readOnly ?? false,
    });
    this.#frames = createFrames({
      draw: () => this.#draw(),
      isBlocked: () => stdout.writableNeedDrain,
      nowMs,
      schedule,
    });
    const dispatch = (event: Event) => this.#dispatch(event);
    this.#world = {
      quit: () => this.#ended.resolve({ kind: 'quit' }),
      suspend: () => void this.#suspend(),
      redraw: () => void this.#redraw(),
      fetch: options.fetch,
      dispatch,
    };
    this.#feed = createFeed({ subscribe, dispatch, nowMs, schedule, seed: nowMs() });
    this.#signals = watchSignals({
      onEnd: (signal) => this.#ended.resolve({ kind: 'signal', signal }),
      onStop: () => void this.#suspend(),
      onContinue: () => this.#continue(),
      onCrash: () => this.#unmount(),
    });
  }

  async run(): Promise<void> {
    try {
      const end = (await this.#connect()) ?? (await this.#show());
      this.#unmount();
      this.#signals.release();
      if (end.kind === 'signal') this.#signals.dieOf(end.signal);
      if (end.kind === 'error') throw end.error;
    } finally {
      this.#cancelTick();
      this.#frames.stop();
      this.#unmount();
      this.#signals.release();
      // A link that breaks while it is closed is nobody's trouble.
      await this.#feed.close().catch(() => undefined);
      this.#unlisten();
      // What is typed from now on is for the shell. Node heeds this only in a later turn of its
      // loop.
      await new Promise<void>((done) => void schedule(done, 0));
      this.#options.stdin.pause();
    }
  }

  /** Waits a little for the first word. Returns the end when it came to that already. */
  async #connect(): Promise<End | undefined> {
    const cancel = schedule(() => this.#answered.resolve(undefined), CONNECT_MS_MAX);
    // When the very first attempt fails there is nothing to show, and the shell is told why.
    this.#feed.open().catch((error: unknown) => this.#ended.resolve({ kind: 'error', error }));
    const end = await Promise.race([this.#answered.promise, this.#ended.promise]);
    cancel();
    return end;
  }

  /** Has the terminal until the end. */
  #show(): Promise<End> {
    const { stdin, stdout } = this.#options;
    // Before Ink listens: when it draws at once what it has, it has what fits already.
    stdout.on('resize', this.#onResize);
    stdout.on('error', this.#leaveTerminal);
    stdin.on('error', this.#leaveTerminal);
    stdin.on('end', this.#leaveTerminal);
    this.#lines = drawScreen(this.#model, this.#options.nowMs());
    this.#ink = render(this.#element(), {
      stdout,
      stdin,
      alternateScreen: true,
      incrementalRendering: true,
      maxFps: INK_FPS_MAX,
      exitOnCtrlC: false,
      patchConsole: false,
      // A terminal is a terminal, also where some variable says that this is a build.
      interactive: true,
      // There the plain output is what can be read.
      isScreenReaderEnabled: false,
    });
    this.#ink.waitUntilExit().then(
      () => this.#ended.resolve({ kind: 'quit' }),
      (error: unknown) => this.#ended.resolve({ kind: 'error', error }),
    );
    this.#tick();
    return this.#ended.promise;
  }

  #unlisten(): void {
    const { stdin, stdout } = this.#options;
    stdout.off('error', this.#leaveTerminal);
    stdin.off('error', this.#leaveTerminal);
    stdin.off('end', this.#leaveTerminal);
  }

  #unmount(): void {
    const { stdin, stdout } = this.#options;
    const ink = this.#ink;
    if (ink === undefined) return;
    this.#ink = undefined;
    stdout.off('resize', this.#onResize);
    try {
      // An empty screen first: tmux, when its window has grown meanwhile, would mix what is left of
      // ours into the lines that it restores.
      this.#lines = [];
      ink.rerender(this.#element());
      ink.unmount();
    } catch {
      // It broke in the middle of its own work; what made it do so is reported by whoever caught
      // it.
      stdout.write(RESTORE);
      if (stdin.isTTY) stdin.setRawMode(false);
    }
  }

  #element() {
    const { stdin } = this.#options;
    return (
      <Screen
        lines={this.#lines}
        hasKeys={stdin.isTTY}
        onKey={this.#onKey}
        onReady={this.#onReady}
      />
    );
  }

  /** Draws a frame, unless it would be the one that is there. */
  #draw(): void {
    const lines = drawScreen(this.#model, this.#options.nowMs());
    if (this.#ink === undefined || isSame(lines, this.#lines)) return;
    this.#lines = lines;
    this.#ink.rerender(this.#element());
  }

  #tick(): void {
    this.#cancelTick = schedule(() => {
      this.#dispatch({ kind: 'tick' });
      this.#tick();
    }, TICK_MS);
  }

  readonly #onKey = (key: string) => this.#dispatch({ kind: 'key', key });
  readonly #onReady = (suspend: SuspendTerminal) => {
    this.#suspendTerminal = suspend;
  };
  readonly #onResize = () => {
    const { stdout } = this.#options;
    this.#dispatch({ kind: 'resized', size: sizeOf(stdout) });
    // While the shell has the terminal, there is nothing of ours on it.
    if (this.#isSuspended) return;
    // Terminals differ in what they leave where after a change of size: nothing is built on it.
    stdout.write(ERASE);
    this.#ink?.clear();
    this.#draw();
  };

  #dispatch(event: Event): void {
    if (event.kind === 'record') this.#answered.resolve(undefined);
    const effects = update(this.#model, event, this.#options.nowMs());
    this.#frames.request(event.kind === 'key' ? KEY_FRAME_MS : FRAME_MS);
    for (const effect of effects) perform(this.#world, effect);
  }

  /** Gives the terminal to the shell and stops; takes it again when the shell lets us go on. */
  async #suspend(): Promise<void> {
    if (this.#isSuspended || this.#suspendTerminal === undefined) return;
    this.#isSuspended = true;
    const terminal = await this.#suspendTerminal();
    const goneOn = new Promise<void>((done) => {
      this.#goOn = done;
      schedule(done, STOP_MS_MAX);
    });
    this.#signals.stopJob();
    await goneOn;
    this.#isSuspended = false;
    await terminal.resume();
  }

  #continue(): void {
    this.#signals.refreshSize();
    if (this.#isSuspended) this.#goOn();
    else void this.#redraw();
  }

  /** Sets the terminal up anew and draws all of it: someone else has written on it. */
  async #redraw(): Promise<void> {
    if (this.#isSuspended || this.#suspendTerminal === undefined) return;
    const terminal = await this.#suspendTerminal();
    await terminal.resume();
  }
}

/**
 * Shows the live tree until the user leaves. Rejects when the first watch cannot be opened, before
 * or instead of showing anything; later losses are shown, and the watch is opened again. After a
 * signal that ends programs the terminal is restored and the process dies of that signal, unless
 * the caller listens to it too: then it resolves.
 */
export function runTop(options: TopOptions): Promise<void> {
  return new Top(options).run();
}
