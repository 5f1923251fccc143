/** Commands through child_process: each in a session and a process group of its own (setsid). */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { Child, Spawner, SpawnHandlers, SpawnRequest } from '../ports/spawner.ts';
import { isSpecial, wrapCommand, writeScript } from './launcher.ts';
import { killGroup, ProcessGroups } from './process-groups.ts';
import { identifyProcess } from './process-identity.ts';
import { Running } from './running.ts';
import { NO_STRAYS, StrayFinder } from './stray-finder.ts';
import { spawnTerminal } from './terminal.ts';

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
    // What prepares it runs elsewhere, and says by itself what is wrong with its directory.
    const cwd = isWrapped ? '/' : request.cwd;
    if (pid === undefined) tellNotStarted(error, { ...request, argv, cwd }, handlers);
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
