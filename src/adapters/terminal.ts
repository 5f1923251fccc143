/** Commands with a terminal, through a helper that has its other end: terminal-helper.ts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { getPriority } from 'node:os';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createLineSplitter } from '../base/lines.ts';
import type { Child, SpawnHandlers, SpawnRequest } from '../ports/spawner.ts';
import type { Window } from '../protocol/exec.ts';
import { explainWord, READY, wrapCommand } from './launcher.ts';
import { countSession, signalSession } from './process-groups.ts';
import { NO_STRAYS } from './stray-finder.ts';
import { type HelperWord, parseHelperWord, type TerminalRequest } from './terminal-words.ts';

const HELPER = 'dist/adapters/terminal-helper.js';
const CONTROL_FD = 3;
const WORD_BYTES_MAX = 4_096;

function startHelper(request: SpawnRequest, size: Window): ChildProcess {
  const root = dirname(createRequire(import.meta.url).resolve('dagent/package.json'));
  const { env, runAs } = request;
  const owner = runAs === undefined ? {} : { owner: runAs.uid };
  const argv = wrapCommand(request, getPriority());
  const words: TerminalRequest = { argv, env, size, ...owner };
  return spawn(process.execPath, [join(root, HELPER), JSON.stringify(words)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
  });
}

/** A command with a terminal, as its helper tells of it. */
class TerminalChild implements Child {
  readonly #helper: ChildProcess;
  readonly #handlers: SpawnHandlers;
  /** Of its session: what becomes the command. */
  #leader: number | undefined;
  #hasBegun = false;
  #last: HelperWord | undefined;
  #isPaused = false;
  /** Whoever works in a terminal and leaves it wants to find tmux, say, again: as after ssh. */
  readonly strays = NO_STRAYS;

  constructor(request: SpawnRequest, size: Window, handlers: SpawnHandlers) {
    const helper = startHelper(request, size);
    this.#helper = helper;
    this.#handlers = handlers;
    helper.stdout?.on('data', (bytes: Buffer) => handlers.onOutput('stdout', bytes));
    // What it shows comes behind the word that it runs.
    helper.stdout?.pause();
    helper.stdin?.on('error', () => undefined);
    helper.stdin?.on('drain', () => handlers.onStdinDrain());
    const splitter = createLineSplitter((line) => this.#hear(line), WORD_BYTES_MAX);
    this.#control.on('data', (bytes: Buffer) => splitter.push(bytes));
    this.#control.on('error', () => undefined);
    helper.once('error', ({ message }) => {
      this.#last ??= { word: `125 no terminal can be made: ${message}` };
    });
    helper.once('close', () => this.#finish());
  }

  get #control(): Duplex {
    return this.#helper.stdio[CONTROL_FD] as Duplex;
  }

  get pid(): number {
    return this.#helper.pid ?? 0;
  }

  #hear(line: Buffer): void {
    const word = parseHelperWord(line);
    if (word.pid !== undefined) {
      this.#leader = word.pid;
    } else if (word.word === READY && this.#leader !== undefined) {
      this.#hasBegun = true;
      this.#handlers.onStart(this.#leader);
      if (!this.#isPaused) this.#helper.stdout?.resume();
    } else {
      // Why it never ran comes before the end of what would have run it.
      this.#last ??= word;
      if (!this.#hasBegun) this.#helper.stdout?.resume();
    }
  }

  /** All that it has shown is here. */
  #finish(): void {
    const { word, code = null, signal = null } = this.#last ?? {};
    // The helper itself may have been killed: what it looked after has another end of its own.
    if (this.#last === undefined && this.#leader !== undefined) {
      signalSession(this.#leader, 'SIGKILL');
    }
    if (this.#hasBegun) {
      return this.#handlers.onExit(code, code === null ? (signal ?? 'SIGKILL') : null);
    }
    const { reason, status } = explainWord(word ?? '');
    this.#handlers.onNotStarted(reason, status);
  }

  writeStdin(bytes: Buffer): boolean {
    const { stdin } = this.#helper;
    return stdin?.writable !== true || stdin.write(bytes);
  }

  endStdin(): void {
    this.#helper.stdin?.end();
  }

  resize(window: Window): void {
    this.#control.write(`${JSON.stringify(window)}\n`);
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!this.#hasBegun) return;
    if (isPaused) this.#helper.stdout?.pause();
    else this.#helper.stdout?.resume();
  }

  countGroup(): number {
    return this.#leader === undefined ? 0 : countSession(this.#leader);
  }

  killGroup(signal: NodeJS.Signals): boolean {
    if (this.#leader !== undefined) return signalSession(this.#leader, signal);
    return this.#helper.kill('SIGKILL');
  }
}

/** Starts a command with a terminal of its own. */
export function spawnTerminal(request: SpawnRequest, size: Window, handlers: SpawnHandlers): Child {
  return new TerminalChild(request, size, handlers);
}
