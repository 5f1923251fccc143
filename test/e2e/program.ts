/** A process that a test starts: what it writes, how it ends, and waiting for either. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { PATIENCE_MS } from './poll.ts';

export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Written to stdin, which ends then. Absent: stdin is empty, unless `isStdinOpen`. */
  readonly input?: string | Buffer;
  /** The test writes to stdin itself. */
  readonly isStdinOpen?: boolean;
  /** Nobody reads stdout: its pipe fills up. */
  readonly isStdoutUnread?: boolean;
}

/** How a process ended, and all it wrote. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  readonly ms: number;
}

export type ChannelName = 'stdout' | 'stderr';

function stdinOf({ input, isStdinOpen }: ProgramOptions): 'pipe' | 'ignore' {
  return input !== undefined || isStdinOpen === true ? 'pipe' : 'ignore';
}

export class Program {
  readonly pid: number;
  /** Settles when the process is gone and its output is read. */
  readonly ended: Promise<Ended>;
  readonly #words: string;
  readonly #child: ChildProcess;
  readonly #output: Record<ChannelName, Buffer[]> = { stdout: [], stderr: [] };
  readonly #startedAtMs = performance.now();
  #looks: (() => void)[] = [];
  #isOver = false;

  constructor(argv: readonly string[], options: ProgramOptions = {}) {
    const [file = '', ...args] = argv;
    this.#words = argv.join(' ');
    const { env, cwd, input, isStdoutUnread } = options;
    const stdio = [stdinOf(options), 'pipe', 'pipe'] as const;
    this.#child = spawn(file, args, { env, cwd, stdio: [...stdio] });
    this.pid = this.#child.pid ?? 0;
    // A program may end before it has read all that it is given.
    this.#child.stdin?.on('error', () => undefined);
    if (input !== undefined) this.#child.stdin?.end(input);
    if (isStdoutUnread !== true) this.#collect('stdout');
    this.#collect('stderr');
    this.ended = this.#untilEnd(isStdoutUnread === true ? 'exit' : 'close');
    // Who does not wait for the end must not break on it.
    this.ended.catch(() => undefined);
  }

  #collect(channel: ChannelName): void {
    this.#child[channel]?.on('data', (bytes: Buffer) => {
      this.#output[channel].push(bytes);
      this.#look();
    });
  }

  #look(): void {
    for (const look of [...this.#looks]) look();
  }

  async #untilEnd(event: 'exit' | 'close'): Promise<Ended> {
    const [status, signal] = (await once(this.#child, event)) as [number | null, Ended['signal']];
    this.#isOver = true;
    this.#look();
    return {
      status,
      signal,
      stdout: this.text('stdout'),
      stderr: this.text('stderr'),
      stdoutBytes: Buffer.concat(this.#output.stdout),
      ms: performance.now() - this.#startedAtMs,
    };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The pipe to its stdin. */
  get stdin(): Writable {
    if (this.#child.stdin === null) throw new Error(`${this.#words}: its stdin is not open`);
    return this.#child.stdin;
  }

  /** What it has written so far. */
  text(channel: ChannelName): string {
    return Buffer.concat(this.#output[channel]).toString('utf8');
  }

  #describe(what: string): Error {
    const lines = (['stdout', 'stderr'] as const).map(
      (channel) => `--- ${channel}\n${this.text(channel).slice(-4_000)}`,
    );
    return new Error(`${this.#words}: ${what}\n${lines.join('\n')}`);
  }

  /** Waits until it has written what `pattern` matches. Throws when it ends, or is late. */
  sees(pattern: RegExp, channel: ChannelName = 'stdout'): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const done = (finish: () => void): void => {
        clearTimeout(timer);
        this.#looks = this.#looks.filter((each) => each !== look);
        finish();
      };
      const fail = (what: string): void => done(() => reject(this.#describe(what)));
      const look = (): void => {
        const match = this.text(channel).match(pattern);
        if (match !== null) done(() => resolve(match));
        else if (this.#isOver) fail(`ended without ${pattern}`);
      };
      const timer = setTimeout(() => fail(`did not write ${pattern}`), PATIENCE_MS);
      this.#looks.push(look);
      look();
    });
  }

  /** Waits for its end. When it is late it is killed, and this throws. */
  async end(limitMs = PATIENCE_MS): Promise<Ended> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.signal('SIGKILL');
    }, limitMs);
    const ended = await this.ended;
    clearTimeout(timer);
    if (isLate) throw this.#describe(`did not end within ${limitMs} ms`);
    return ended;
  }

  /** Nobody reads its stderr any more. */
  closeStderr(): void {
    this.#child.stderr?.destroy();
  }

  /** Sends a signal to it, and to nothing else; false when it has ended. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#child.kill(signal);
  }
}
