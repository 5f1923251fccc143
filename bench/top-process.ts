/** `dagent top` as a process on a pseudo terminal of script(1), fed with lines of a watch. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../test/tui/bundle.ts';
import { nowMs } from './clock.ts';

/** What the kernel counts processor time in, on every Linux that Node runs on. */
const TICK_MS = 10;

export interface TopSize {
  readonly columns: number;
  readonly rows: number;
}

export class TopProcess {
  readonly #directory = mkdtempSync(join(tmpdir(), 'top-bench-'));
  readonly #server: Server;
  #child: ChildProcess | undefined;
  #watcher: Socket | undefined;
  #processId = 0;
  #screen = '';
  #onOutput: () => void = () => {};
  byteCount = 0;

  constructor() {
    this.#server = createServer();
  }

  /**
   * Starts it and tells it `snapshot`. Returns the milliseconds from the start of the process until
   * `text`, which only the snapshot has, is on the screen.
   */
  async start({ columns, rows }: TopSize, snapshot: string, text: string): Promise<number> {
    const program = await bundle('bench/programs/top-screen.tsx', this.#directory);
    const socket = join(this.#directory, 'watch');
    this.#server.listen(socket);
    await once(this.#server, 'listening');
    this.#server.on('connection', (watcher) => {
      this.#watcher = watcher;
      watcher.once('data', (id) => {
        this.#processId = Number(id);
      });
      watcher.write(snapshot);
    });
    const startedAtMs = nowMs();
    const run = `exec ${process.execPath} ${program} ${socket}`;
    const command = `stty cols ${columns} rows ${rows}; ${run}`;
    const env = { ...process.env, TERM: 'xterm-256color', NODE_ENV: 'production' };
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

  tell(lines: string): void {
    this.#watcher?.write(lines);
  }

  type(keys: string): void {
    this.#child?.stdin?.write(keys);
  }

  /** Processor time that it has used, in milliseconds. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#processId}/stat`, 'utf8');
    const [user = 0, system = 0] = stat
      .slice(stat.lastIndexOf(')'))
      .split(' ')
      .slice(12)
      .map(Number);
    return (user + system) * TICK_MS;
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#processId}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
  }

  async stop(): Promise<void> {
    const ended = this.#child === undefined ? undefined : once(this.#child, 'exit');
    this.type('q');
    await ended;
    this.#watcher?.destroy();
    this.#server.close();
    rmSync(this.#directory, { recursive: true });
  }
}
