/** Commands through child_process: each in a session and a process group of its own (setsid). */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type {
  Child,
  OutputChannel,
  Spawner,
  SpawnHandlers,
  SpawnRequest,
} from '../ports/spawner.ts';

/**
 * A command may leave something behind that holds its output open (`nohup server &`). After its end
 * we wait for the rest of the output as long as some keeps coming, and then this long.
 */
const LINGER_MS = 500;

/** Stderr and stdin of a command that vanished are no news. */
const ignore = (): void => undefined;

function tellNotStarted(
  error: NodeJS.ErrnoException,
  { argv, cwd }: SpawnRequest,
  handlers: SpawnHandlers,
): void {
  const [program = ''] = argv;
  // Node reports a missing directory as if the program were missing.
  if (error.code === 'ENOENT' && !isDirectory(cwd)) {
    handlers.onNotStarted(`no such directory: ${cwd}`, 125);
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

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
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
function watchExit(child: ChildProcess, isPaused: () => boolean, handlers: SpawnHandlers): void {
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
  child.once('close', finish);
  child.once('exit', () => {
    heard();
    linger = setInterval(() => {
      if (!isPaused() && performance.now() - heardAt >= LINGER_MS) finish();
    }, LINGER_MS);
  });
}

/** What stands for a command that never ran. */
const NOT_STARTED: Child = {
  pid: 0,
  writeStdin: () => true,
  endStdin: ignore,
  setPaused: ignore,
  killGroup: () => false,
};

/** Node tells some failures at once, by an exception, and others later, by an event. */
function trySpawn({ argv, cwd, env }: SpawnRequest): ChildProcessWithoutNullStreams | Error {
  const [program = '', ...args] = argv;
  try {
    return spawn(program, args, { cwd, env, detached: true, stdio: 'pipe' });
  } catch (error) {
    return error as Error;
  }
}

function spawnChild(request: SpawnRequest, handlers: SpawnHandlers): Child {
  const child = trySpawn(request);
  if (child instanceof Error) {
    queueMicrotask(() => tellNotStarted(child, request, handlers));
    return NOT_STARTED;
  }
  const { pid } = child;
  child.once('error', (error) => {
    if (pid === undefined) tellNotStarted(error, request, handlers);
  });
  // Without a process there may not even be pipes to it.
  if (pid === undefined) return NOT_STARTED;
  let isPaused = false;
  const forward = (channel: OutputChannel) => (bytes: Buffer) => handlers.onOutput(channel, bytes);
  child.stdin.on('error', ignore);
  child.stdin.on('drain', () => handlers.onStdinDrain());
  // A command that closed its stdin takes no more; what is written is accepted and forgotten, as by
  // a pipe that nobody reads.
  child.stdin.on('close', () => handlers.onStdinDrain());
  child.stdout.on('data', forward('stdout'));
  child.stderr.on('data', forward('stderr'));
  watchExit(child, () => isPaused, handlers);
  return {
    pid,
    writeStdin: (bytes) => !child.stdin.writable || child.stdin.write(bytes),
    endStdin: () => child.stdin.end(),
    setPaused(wanted): void {
      isPaused = wanted;
      for (const stream of [child.stdout, child.stderr]) {
        if (wanted) stream.pause();
        else stream.resume();
      }
    },
    killGroup: (signal) => killGroup(pid, signal),
  };
}

export const systemSpawner: Spawner = { spawn: spawnChild };
