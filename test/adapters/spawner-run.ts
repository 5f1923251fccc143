/** A command that a spawner starts, and what a test hears of it. */
import { createSpawner } from '../../src/adapters/spawner.ts';
import type { Child, SpawnRequest } from '../../src/ports/spawner.ts';

export const env = { PATH: process.env.PATH ?? '' };

/** A command and all that was heard of it. */
export class Run {
  readonly child: Child;
  readonly stdout: Buffer[] = [];
  readonly stderr: Buffer[] = [];
  drainCount = 0;
  /** How it ended: `0`, `SIGKILL`, or why it never ran. */
  readonly ended: Promise<string>;
  /** The first output. */
  readonly spoke: Promise<void>;
  readonly #endings: string[] = [];
  #onDrain: () => void = () => undefined;
  startCount = 0;

  constructor(argv: readonly string[], more: Partial<SpawnRequest> = {}) {
    let onEnd: () => void = () => undefined;
    let onSpeak: () => void = () => undefined;
    this.spoke = new Promise((resolve) => {
      onSpeak = resolve;
    });
    this.ended = new Promise<void>((resolve) => {
      onEnd = resolve;
    }).then(() => this.#endings.join(' and '));
    const end = (how: string): void => {
      this.#endings.push(how);
      onEnd();
    };
    this.child = createSpawner().spawn(
      { argv, env, cwd: '/', ...more },
      {
        onStart: () => this.startCount++,
        onOutput: (channel, bytes) => {
          this[channel].push(bytes);
          onSpeak();
        },
        onExit: (code, signal) => end(signal ?? String(code)),
        onStdinDrain: () => {
          this.drainCount++;
          this.#onDrain();
        },
        onNotStarted: (reason, code) => end(`${code}: ${reason}`),
      },
    );
  }

  get text(): string {
    return Buffer.concat(this.stdout).toString();
  }

  /** Writes as fast as the command takes it. */
  async feed(bytes: Buffer): Promise<void> {
    if (this.child.writeStdin(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#onDrain = resolve;
    });
  }
}
