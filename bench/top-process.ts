/**
 * `dagent top` as a user starts it, on a pseudo terminal of script(1), with a root that tells what
 * the bench wants it to.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs } from './clock.ts';
import { EmulatedRoot } from './emulated-root.ts';
import { createTemporaryDirectory, quote } from './hold.ts';
import { DAGENT } from './peers/dagent.ts';

/** What the kernel counts processor time in, on every Linux that Node runs on. */
const TICK_MS = 10;

export interface TopSize {
  readonly columns: number;
  readonly rows: number;
}

export class TopProcess {
  readonly #directory = createTemporaryDirectory('top');
  readonly #root: EmulatedRoot;
  #child: ChildProcess | undefined;
  #screen = '';
  #onOutput: () => void = () => {};
  byteCount = 0;

  /** Its root begins with `snapshot`. */
  constructor(snapshot: string) {
    this.#root = new EmulatedRoot(snapshot);
  }

  /**
   * Starts it. Returns the milliseconds from the start of the process until `text`, which only the
   * snapshot has, is on the screen.
   */
  async start({ columns, rows }: TopSize, text: string): Promise<number> {
    const socket = join(this.#directory, 'root');
    await this.#root.listen(`cd:${socket}`);
    const startedAtMs = nowMs();
    const run = `exec ${quote(DAGENT)} top --via ${quote(`cd:${socket}`)}`;
    const command = `stty cols ${columns} rows ${rows}; echo $$ >${quote(this.#pidFile)}; ${run}`;
    const env = {
      ...process.env,
      ...{ TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', DAGENT_HOME: join(this.#directory, 'home') },
    };
    this.#child = spawn('script', ['-qfc', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env,
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.byteCount += Buffer.byteLength(chunk);
      this.#screen = (this.#screen + chunk).slice(-100_000);
      this.#onOutput();
    });
    await this.#until(text);
    return nowMs() - startedAtMs;
  }

  async #until(text: string): Promise<void> {
    while (!this.#screen.includes(text)) {
      await new Promise<void>((heard) => {
        this.#onOutput = heard;
      });
    }
  }

  get #pidFile(): string {
    return join(this.#directory, 'pid');
  }

  tell(lines: string): void {
    this.#root.tell(lines);
  }

  type(keys: string): void {
    this.#child?.stdin?.write(keys);
  }

  #readProc(file: string): string {
    return readFileSync(`/proc/${readFileSync(this.#pidFile, 'utf8').trim()}/${file}`, 'utf8');
  }

  /** Processor time that it has used, in milliseconds. */
  cpuMs(): number {
    const stat = this.#readProc('stat');
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')'))
      .split(' ')
      .slice(12)
      .map(Number);
    return (user + system) * TICK_MS;
  }

  residentBytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(this.#readProc('status'))?.[1] ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    const ended = this.#child === undefined ? undefined : once(this.#child, 'exit');
    this.type('q');
    await ended;
    await this.#root.stop();
    rmSync(this.#directory, { recursive: true });
  }
}
