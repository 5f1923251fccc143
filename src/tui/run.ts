/**
 * `dagent top` on a terminal: the one place where the model meets timers, keys, signals and Ink.
 * The terminal is given back on every way out, whoever chooses it.
 */
import { setFlagsFromString } from 'node:v8';
import type { Instance } from 'ink';
import { createFeed, type Feed } from './feed.ts';
import { createFollowing } from './following.ts';
import { createFrames, type Frames, KEY_FRAME_MS } from './frames.ts';
import type { SuspendKeyboard } from './keyboard.tsx';
import type { Model } from './model.ts';
import { MOUSE_OFF, MOUSE_ON } from './mouse.ts';
import { type MouseEvent, withoutMouse } from './mouse-input.ts';
import { createPainter, ERASE, type Painter } from './painter.ts';
import { perform, type World } from './perform.ts';
import { createRunner, type Runner } from './runs/runner.ts';
import { saveText } from './save.ts';
import { schedule } from './schedule.ts';
import { drawScreen } from './screen.ts';
import { findOdd, type Settings, settingsOf } from './settings.ts';
import { type EndingSignal, type Signals, watchSignals } from './signals.ts';
import { createTopModel, sizeOf, type TopOptions } from './top-options.ts';
import { type Event, update } from './update.ts';

/** How it ended: the user left, a signal came, or it cannot go on. */
type End =
  | { readonly kind: 'quit' }
  | { readonly kind: 'signal'; readonly signal: EndingSignal }
  | { readonly kind: 'error'; readonly error: unknown };

/**
 * What we hear is read and forgotten, all the time. V8 would give that more and more room: 240 MB
 * after half an hour, of which 25 MB were in use. So it sweeps more often instead.
 */
const SWEEP_OFTEN = ['--semi-space-growth-factor=1', '--optimize-for-size'];
/** A daemon that answers within this time shows its tree as the first screen, ... */
const CONNECT_MS_MAX = 100;
/** ... and so does one that tells the whole of it within this time after that. */
const BEGUN_MS_MAX = 500;
/** Ages are shown in seconds. */
const TICK_MS = 1_000;
/** A shell that stops us does so at once; after this time it did not. */
const STOP_MS_MAX = 50;
/** Takes the alternate screen, without a cursor; and gives both back. */
const TAKE = '\x1b[?1049h\x1b[?25l';
const RESTORE = `${MOUSE_OFF}\x1b[?1049l\x1b[?25h`;

class Top {
  readonly #options: TopOptions;
  readonly #model: Model;
  /** Those that it began with. */
  readonly #settings: Settings;
  readonly #frames: Frames;
  readonly #painter: Painter;
  readonly #feed: Feed;
  readonly #runner: Runner;
  readonly #signals: Signals;
  readonly #world: World;
  readonly #answered = Promise.withResolvers<undefined>();
  readonly #ended = Promise.withResolvers<End>();
  readonly #leaveTerminal = () => this.#ended.resolve({ kind: 'signal', signal: 'SIGHUP' });
  #cancelTick: () => void = () => {};
  #hasScreen = false;
  #ink: Instance | undefined;
  #suspendKeyboard: SuspendKeyboard | undefined;
  #isSuspended = false;
  #goOn: () => void = () => {};

  constructor(options: TopOptions) {
    this.#options = options;
    const { stdout, subscribe, nowMs } = options;
    this.#model = createTopModel(options);
    this.#settings = settingsOf(this.#model);
    this.#frames = createFrames({
      draw: () => this.#draw(),
      isBlocked: () => stdout.writableNeedDrain,
      nowMs,
      schedule,
    });
    this.#painter = createPainter((text) => void stdout.write(text));
    const dispatch = (event: Event) => this.#dispatch(event);
    this.#world = {
      quit: () => this.#ended.resolve({ kind: 'quit' }),
      suspend: () => void this.#suspend(),
      redraw: () => void this.#redraw(),
      write: (text) => void stdout.write(text),
      fetch: options.fetch,
      run: (id, spec) => this.#runner.start(id, spec),
      cancel: (id) => this.#runner.cancel(id),
      save: saveText,
      follow: createFollowing({ follow: options.follow, dispatch, schedule }),
      dispatch,
    };
    this.#runner = createRunner({
      ...options.runs,
      schedule,
      onNews: (id, news) => dispatch({ kind: 'news', id, news }),
      onEnd: (id) => dispatch({ kind: 'ended', id }),
    });
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
      const odd = findOdd(this.#model, this.#options.settings);
      this.#options.onSettings?.(this.#settings, settingsOf(this.#model), odd);
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
      await this.#runner.close();
      this.#unlisten();
      // What is typed from now on is for the shell. Node heeds this only in a later turn of its
      // loop.
      await new Promise<void>((done) => void schedule(done, 0));
      this.#options.stdin.pause();
    }
  }

  /** Waits a little for the first word. Returns the end when it came to that already. */
  async #connect(): Promise<End | undefined> {
    const goOn = () => this.#answered.resolve(undefined);
    let cancel = schedule(goOn, CONNECT_MS_MAX);
    void this.#options.begun?.then(() => {
      cancel();
      cancel = schedule(goOn, BEGUN_MS_MAX);
    });
    // When the very first attempt fails there is nothing to show, and the shell is told why.
    this.#feed.open().catch((error: unknown) => this.#ended.resolve({ kind: 'error', error }));
    const end = await Promise.race([this.#answered.promise, this.#ended.promise]);
    cancel();
    return end;
  }

  /** Has the terminal until the end. What there is to read is on it before Ink is loaded. */
  async #show(): Promise<End> {
    const { stdin, stdout } = this.#options;
    stdout.on('error', this.#leaveTerminal);
    stdin.on('error', this.#leaveTerminal);
    stdin.on('end', this.#leaveTerminal);
    stdout.on('resize', this.#onResize);
    stdout.write(TAKE);
    // What is typed meanwhile waits for Ink.
    if (stdin.isTTY) stdin.setRawMode(true);
    this.#hasScreen = true;
    // Its size may have changed since we began.
    this.#onResize();
    this.#tick();
    const ended = this.#ended.promise;
    const loaded = await Promise.race([import('./keyboard.tsx'), ended]);
    if ('kind' in loaded) return loaded;
    this.#ink = loaded.mountKeyboard({
      stdin: withoutMouse(stdin, this.#onMouse),
      hasKeys: stdin.isTTY,
      onKey: this.#onKey,
      onReady: this.#onReady,
    });
    this.#ink.waitUntilExit().then(
      () => this.#ended.resolve({ kind: 'quit' }),
      (error: unknown) => this.#ended.resolve({ kind: 'error', error }),
    );
    // Not before: a first picture of many nodes is kept, and sweeping would only move it about.
    for (const flag of SWEEP_OFTEN) setFlagsFromString(flag);
    return ended;
  }

  #unlisten(): void {
    const { stdin, stdout } = this.#options;
    stdout.off('error', this.#leaveTerminal);
    stdin.off('error', this.#leaveTerminal);
    stdin.off('end', this.#leaveTerminal);
  }

  #unmount(): void {
    const { stdin, stdout } = this.#options;
    if (!this.#hasScreen) return;
    this.#hasScreen = false;
    stdout.off('resize', this.#onResize);
    // An empty screen first: tmux, when its window has grown meanwhile, would mix what is left of
    // ours into the lines that it restores.
    stdout.write(ERASE + RESTORE);
    try {
      this.#ink?.unmount();
    } catch {
      // It broke in the middle of its own work; whoever caught what made it do so reports that.
    }
    if (stdin.isTTY) stdin.setRawMode(false);
  }

  /** Draws what has changed. While the shell has the terminal, there is nothing of ours on it. */
  #draw(): void {
    if (!this.#hasScreen || this.#isSuspended) return;
    this.#painter.paint(drawScreen(this.#model, this.#options.nowMs()));
  }

  /** Draws all of it, whatever is there. */
  #drawAll(): void {
    if (!this.#hasScreen || this.#isSuspended) return;
    this.#painter.forget();
    // Terminals differ in what they leave where after a change of size: nothing is built on it.
    this.#options.stdout.write((this.#model.hasMouse ? MOUSE_ON : '') + ERASE);
    this.#draw();
  }

  #tick(): void {
    this.#cancelTick = schedule(() => {
      this.#dispatch({ kind: 'tick' });
      this.#tick();
    }, TICK_MS);
  }

  readonly #onKey = (key: string) => this.#dispatch({ kind: 'key', key });
  readonly #onMouse = (mouse: MouseEvent) => this.#dispatch({ kind: 'mouse', mouse });
  readonly #onReady = (suspend: SuspendKeyboard) => {
    this.#suspendKeyboard = suspend;
  };
  readonly #onResize = () => {
    const { stdout } = this.#options;
    this.#dispatch({ kind: 'resized', size: sizeOf(stdout) });
    this.#drawAll();
  };

  #dispatch(event: Event): void {
    if (event.kind === 'record') this.#answered.resolve(undefined);
    const effects = update(this.#model, event, this.#options.nowMs());
    this.#frames.request(
      event.kind === 'key' || event.kind === 'mouse' ? KEY_FRAME_MS : this.#model.rateMs,
    );
    for (const effect of effects) perform(this.#world, effect);
  }

  /** Gives the terminal to the shell and stops; takes it again when the shell lets us go on. */
  async #suspend(): Promise<void> {
    if (this.#isSuspended || this.#suspendKeyboard === undefined) return;
    this.#isSuspended = true;
    const keyboard = await this.#suspendKeyboard();
    this.#options.stdout.write(RESTORE);
    const goneOn = new Promise<void>((done) => {
      this.#goOn = done;
      schedule(done, STOP_MS_MAX);
    });
    this.#signals.stopJob();
    await goneOn;
    await keyboard.resume();
    this.#options.stdout.write(TAKE);
    this.#isSuspended = false;
    this.#drawAll();
  }

  #continue(): void {
    this.#signals.refreshSize();
    if (this.#isSuspended) this.#goOn();
    else void this.#redraw();
  }

  /** Sets the terminal up anew and draws all of it: someone else has written on it. */
  async #redraw(): Promise<void> {
    if (this.#isSuspended || this.#suspendKeyboard === undefined) return;
    const keyboard = await this.#suspendKeyboard();
    await keyboard.resume();
    this.#options.stdout.write(TAKE);
    this.#drawAll();
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
