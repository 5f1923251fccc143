/** A shell command with input, as a whole: for small answers. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { EXEC_GRACE_MS } from '../protocol/limits.ts';
import { signalGroup } from './process-groups.ts';
import { identifyProcess } from './process-identity.ts';

export interface ShellResult {
  readonly status: number;
  readonly output: Buffer;
}

export interface ShellRequest {
  readonly command: string;
  readonly input: Buffer;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What writes more than that is stopped; a little more than that is returned. */
  readonly outputBytesMax: number;
  /** Ends it: TERM to its process group, and KILL after `graceMs`. */
  readonly signal?: AbortSignal | undefined;
  /** EXEC_GRACE_MS when absent. */
  readonly graceMs?: number | undefined;
}

type ShellProcess = ChildProcessByStdio<Writable, Readable, null>;

/** Has a process and its group ended when the signal says so. */
function endOnAbort(child: ShellProcess, signal: AbortSignal, graceMs: number): void {
  if (child.pid === undefined) return;
  const leader = identifyProcess(child.pid);
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(leader, 'SIGTERM');
    timer = setTimeout(() => signalGroup(leader, 'SIGKILL'), graceMs);
  };
  child.once('exit', () => {
    signal.removeEventListener('abort', end);
    clearTimeout(timer);
    if (!signal.aborted) return;
    // What is left of the group; what has left it may hold its stdout, and is not waited for.
    signalGroup(leader, 'SIGKILL');
    child.stdout.destroy();
  });
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

/**
 * Runs `command` with `sh -c`, `input` on its stdin, its stderr on ours, in a process group of its
 * own. Throws what Node says when the shell cannot be started, as with a zero byte in its
 * environment.
 */
export async function runShell(request: ShellRequest): Promise<ShellResult> {
  const { command, input, env, outputBytesMax, signal, graceMs = EXEC_GRACE_MS } = request;
  const child = spawn('sh', ['-c', command], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
    detached: true,
  });
  const output: Buffer[] = [];
  let outputBytes = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    output.push(bytes);
    outputBytes += bytes.length;
    // Whoever writes on, the shell or what it runs, is ended by a pipe that nobody reads.
    if (outputBytes > outputBytesMax) child.stdout.destroy();
  });
  // A command that does not read its input closes the pipe: that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  if (signal !== undefined) endOnAbort(child, signal, graceMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? 128, output: Buffer.concat(output) }));
  });
}
