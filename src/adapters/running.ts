/** A command that child_process has started: from before it is known that it runs, to its end. */
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { finished, type Readable } from 'node:stream';
import type { OutputChannel, SpawnHandlers } from '../ports/spawner.ts';
import { EXEC_GREETING_BYTES_MAX } from '../protocol/limits.ts';
import { explainWord, READY } from './launcher.ts';
import { killGroup } from './process-groups.ts';

/**
 * A command may leave something behind that holds its output open (`nohup server &`). After its end
 * we wait for the rest of the output as long as some keeps coming, and then this long.
 */
const LINGER_MS = 500;

/** Stderr and stdin of a command that vanished are no news. */
const ignore = (): void => undefined;

/** Calls `onExit` once the command has ended and its output is drained. */
function watchExit(
  child: ChildProcess,
  closed: Promise<unknown>,
  isPaused: () => boolean,
  handlers: SpawnHandlers,
): void {
  let isOver = false;
  let heardAt = 0;
  let linger: NodeJS.Timeout | undefined;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(linger);
    for (const stream of [child.stdout, child.stderr, child.stdin]) stream?.destroy();
    handlers.onExit(child.exitCode, child.signalCode);
  };
  const heard = (): void => {
    heardAt = performance.now();
  };
  child.stdout?.on('data', heard);
  child.stderr?.on('data', heard);
  const waitForRest = (): void => {
    heard();
    linger = setInterval(() => {
      if (!isPaused() && performance.now() - heardAt >= LINGER_MS) finish();
    }, LINGER_MS);
  };
  void closed.then(finish);
  if (child.exitCode === null && child.signalCode === null) child.once('exit', waitForRest);
  else waitForRest();
}

/** READY, or all that is said instead of it. */
function readWord(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let word = '';
    stream.on('data', (piece: Buffer) => {
      word += piece.toString('utf8');
      // What its profile has left in the background may hold this open.
      if (word === READY) resolve(word);
    });
    // What breaks off says no more.
    finished(stream, { writable: false }, () => resolve(word));
  });
}

/** What of a command there is between its start and its end. */
export class Running {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #handlers: SpawnHandlers;
  /** Settles when it has ended and all its output is read. */
  readonly #closed: Promise<unknown>;
  #hasBegun = false;
  #isPaused = false;
  /** What came before it was known that the command itself speaks: little. */
  #held: { channel: OutputChannel; bytes: Buffer }[] = [];
  #heldBytes = 0;

  constructor(child: ChildProcessWithoutNullStreams, handlers: SpawnHandlers) {
    this.#child = child;
    this.#handlers = handlers;
    this.#closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.on('error', ignore);
    child.stdin.on('drain', () => handlers.onStdinDrain());
    // A command that closed its stdin takes no more; what is written is accepted and forgotten, as
    // by a pipe that nobody reads.
    child.stdin.on('close', () => {
      handlers.onStdinDrain();
      if (child.exitCode === null && child.signalCode === null) handlers.onStdinClose?.();
    });
    for (const channel of ['stdout', 'stderr'] as const) {
      child[channel].on('data', (bytes: Buffer) => {
        if (this.#hasBegun) handlers.onOutput(channel, bytes);
        else this.#hold(channel, bytes);
      });
    }
  }

  #hold(channel: OutputChannel, bytes: Buffer): void {
    this.#held.push({ channel, bytes });
    this.#heldBytes += bytes.length;
    const { pid } = this.#child;
    if (this.#isTalkative && pid !== undefined) killGroup(pid, 'SIGKILL');
  }

  get #isTalkative(): boolean {
    return this.#heldBytes > EXEC_GREETING_BYTES_MAX;
  }

  /** The command itself runs. */
  begin(pid: number): void {
    this.#hasBegun = true;
    this.#handlers.onStart(pid);
    for (const { channel, bytes } of this.#held.splice(0)) this.#handlers.onOutput(channel, bytes);
    watchExit(this.#child, this.#closed, () => this.#isPaused, this.#handlers);
    if (this.#isPaused) this.setPaused(true);
  }

  /**
   * Begins once what prepares the command has handed over to it. Otherwise it never ran: what was
   * said instead is the reason.
   */
  async beginWhenReady(pid: number): Promise<void> {
    const word = await readWord(this.#child.stdio[3] as Readable);
    if (word === READY) return this.begin(pid);
    await this.#closed;
    // setpriv, or the kernel, speaks for itself.
    const said = this.#isTalkative
      ? `more than ${EXEC_GREETING_BYTES_MAX} bytes came before it began`
      : Buffer.concat(this.#held.map(({ bytes }) => bytes)).toString('utf8');
    const { reason, status } = explainWord(word.trim() || said);
    this.#handlers.onNotStarted(reason, status);
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    // Until it begins, what is said must come.
    if (!this.#hasBegun) return;
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (isPaused) stream.pause();
      else stream.resume();
    }
  }
}
