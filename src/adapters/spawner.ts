/** Commands through child_process: each in a session and a process group of its own (setsid). */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type {
  Child,
  OutputChannel,
  Spawner,
  SpawnHandlers,
  SpawnRequest,
} from '../ports/spawner.ts';
import { explainWord, isSpecial, READY, wrapCommand, writeScript } from './launcher.ts';
import { ProcessGroups } from './process-groups.ts';
import { identifyProcess } from './process-identity.ts';
import { NO_STRAYS, StrayFinder } from './stray-finder.ts';
import { spawnTerminal } from './terminal.ts';

/**
 * A command may leave something behind that holds its output open (`nohup server &`). After its end
 * we wait for the rest of the output as long as some keeps coming, and then this long.
 */
const LINGER_MS = 500;

/** Stderr and stdin of a command that vanished are no news. */
const ignore = (): void => undefined;

/** Whether a directory is there, and may be entered. */
function findFault(cwd: string): string | undefined {
  const stat = statSync(cwd, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return `no such directory: ${cwd}`;
  try {
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch {
    return `not permitted: directory ${cwd}`;
  }
}

function tellNotStarted(
  error: NodeJS.ErrnoException,
  { argv, cwd }: SpawnRequest,
  handlers: SpawnHandlers,
): void {
  const [program = ''] = argv;
  // Node reports trouble with the directory as if it were one with the program.
  const fault = error.code === 'ENOENT' || error.code === 'EACCES' ? findFault(cwd) : undefined;
  if (fault !== undefined) {
    handlers.onNotStarted(fault, 125);
  } else if (error.code === 'ENOENT') {
    handlers.onNotStarted(`no such program: ${program}`, 127);
  } else if (error.code === 'EACCES') {
    handlers.onNotStarted(`not executable: ${program}`, 126);
  } else if (error.code === 'E2BIG') {
    handlers.onNotStarted(`the arguments are too long: ${program}`, 126);
  } else {
    handlers.onNotStarted(`${error.code ?? error.message}: ${program}`, 125);
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

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

/** What stands for a command that never ran. */
const NOT_STARTED: Child = {
  pid: 0,
  writeStdin: () => true,
  endStdin: ignore,
  setPaused: ignore,
  countGroup: () => 0,
  killGroup: () => false,
  strays: NO_STRAYS,
};

/** What looks at the processes of the host, for all commands. */
interface Looks {
  readonly groups: ProcessGroups;
  readonly finder: StrayFinder;
}

/** Node tells some failures at once, by an exception, and others later, by an event. */
function trySpawn(argv: readonly string[], request: SpawnRequest): ChildProcess | Error {
  const [program = '', ...args] = argv;
  const { env } = request;
  const isWrapped = isSpecial(request);
  // What prepares it changes the directory as who it is by then.
  const cwd = isWrapped ? '/' : request.cwd;
  const stdio = ['pipe', 'pipe', 'pipe', ...(isWrapped ? ['pipe' as const] : [])] as const;
  try {
    return spawn(program, args, { cwd, env, detached: true, stdio: [...stdio] });
  } catch (error) {
    return error as Error;
  }
}

/** All of a stream that is short. */
async function readAll(stream: Readable): Promise<string> {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  // What breaks off says no more.
  await finished(stream, { writable: false }).catch(ignore);
  return Buffer.concat(pieces).toString('utf8');
}

/** What of a command there is between its start and its end. */
class Running {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #handlers: SpawnHandlers;
  /** Settles when it has ended and all its output is read. */
  readonly #closed: Promise<unknown>;
  #hasBegun = false;
  #isPaused = false;
  /** What came before it was known that the command itself speaks: little. */
  #held: { channel: OutputChannel; bytes: Buffer }[] = [];

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
        else this.#held.push({ channel, bytes });
      });
    }
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
    const word = await readAll(this.#child.stdio[3] as Readable);
    if (word === READY) return this.begin(pid);
    await this.#closed;
    // setpriv, or the kernel, speaks for itself.
    const said = Buffer.concat(this.#held.map(({ bytes }) => bytes)).toString('utf8');
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

function startCommand(request: SpawnRequest, handlers: SpawnHandlers, looks: Looks): Child {
  const { terminal, env } = request;
  const { groups, finder } = looks;
  if (terminal !== undefined) return spawnTerminal(request, terminal, handlers);
  const isWrapped = isSpecial(request);
  const argv = isWrapped ? wrapCommand(request, getPriority()) : request.argv;
  const child = trySpawn(argv, request);
  if (child instanceof Error) {
    queueMicrotask(() => tellNotStarted(child, request, handlers));
    return NOT_STARTED;
  }
  const { pid } = child;
  child.once('error', (error) => {
    if (pid === undefined) tellNotStarted(error, { ...request, argv }, handlers);
  });
  // Without a process there may not even be pipes to it.
  if (pid === undefined) return NOT_STARTED;
  const withPipes = child as ChildProcessWithoutNullStreams;
  const running = new Running(withPipes, handlers);
  if (isWrapped) void running.beginWhenReady(pid);
  else running.begin(pid);
  return {
    pid,
    writeStdin: (bytes) => !withPipes.stdin.writable || withPipes.stdin.write(bytes),
    endStdin: () => withPipes.stdin.end(),
    setPaused: (isPaused) => running.setPaused(isPaused),
    countGroup: () => groups.count(pid),
    killGroup: (signal) => killGroup(pid, signal),
    strays: finder.of({ env, ...identifyProcess(pid), isOwn: ({ group }) => group === pid }),
  };
}

/** With the script in a file, which is removed when it has ended. */
function spawnChild(request: SpawnRequest, handlers: SpawnHandlers, looks: Looks): Child {
  const { script, ...rest } = request;
  if (script === undefined) return startCommand(request, handlers, looks);
  try {
    const { argv, remove } = writeScript(script, request.runAs);
    return startCommand(
      { ...rest, argv: [...argv, ...request.argv] },
      {
        ...handlers,
        onExit(code, signal): void {
          remove();
          handlers.onExit(code, signal);
        },
        onNotStarted(reason, code): void {
          remove();
          handlers.onNotStarted(reason, code);
        },
      },
      looks,
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = `the script cannot be written: ${code ?? message}`;
    queueMicrotask(() => handlers.onNotStarted(reason, 125));
    return NOT_STARTED;
  }
}

/** Starts commands of this host. */
export function createSpawner(): Spawner {
  const looks = { groups: new ProcessGroups(), finder: new StrayFinder() };
  return { spawn: (request, handlers) => spawnChild(request, handlers, looks) };
}
