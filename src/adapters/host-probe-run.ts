/**
 * Runs a small program that tells something about the host. No shell, no input, bounded time and
 * output.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { DagentError } from '../protocol/errors.ts';

/** Longest output that is kept. More: E_PROBE_FAILED. Ten times what the largest host says. */
const OUTPUT_BYTES_MAX = 4_194_304;

export interface RunResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
}

export interface RunOptions {
  /** What it is for, in errors. */
  readonly what: string;
  readonly timeoutMs: number;
}

/**
 * Nothing of the daemon's own environment, which may hold secrets: the system's programs, and times
 * in UTC in a form that can be read back.
 */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC0',
};

/**
 * The program with its children gets no more time; we do not stay alive for one that cannot die.
 */
function abandon(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it ended by itself in this moment. Anything else would be our own mistake.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  child.stdout?.destroy();
  child.unref();
}

/**
 * Runs `argv` in a process group of its own, and kills it after `timeoutMs`. Settles when the
 * program has gone, which for one in uninterruptible sleep may be never: so ask through createAsk,
 * whose bound holds for the asker, and whose memory of open questions keeps such programs from
 * piling up. Undefined when there is no such program; rejects with E_PROBE_TIMEOUT or
 * E_PROBE_FAILED.
 */
export function run(argv: readonly string[], options: RunOptions): Promise<RunResult | undefined> {
  const { what, timeoutMs } = options;
  const [program = '', ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd: '/',
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    let failure: DagentError | undefined;
    const timer = setTimeout(() => {
      failure = new DagentError('E_PROBE_TIMEOUT', { class: what, ms: timeoutMs });
      abandon(child);
    }, timeoutMs);
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= OUTPUT_BYTES_MAX) return chunks.push(chunk);
      failure = new DagentError('E_PROBE_FAILED', { class: what, reason: 'too much output' });
      return abandon(child);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (error.code === 'ENOENT') resolve(undefined);
      else reject(new DagentError('E_PROBE_FAILED', { class: what, reason: error.message }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (failure === undefined) resolve({ code, stdout: Buffer.concat(chunks).toString('utf8') });
      else reject(failure);
    });
  });
}
