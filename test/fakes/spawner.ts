/** Commands that are played by the test: it says what they write and how they end. */
import type {
  Child,
  OutputChannel,
  Spawner,
  SpawnHandlers,
  SpawnRequest,
} from '../../src/ports/spawner.ts';
import type { Window } from '../../src/protocol/exec.ts';
import { FakeStrays } from './strays.ts';

export class FakeChild implements Child {
  readonly pid: number;
  readonly request: SpawnRequest;
  readonly handlers: SpawnHandlers;
  readonly signals: string[] = [];
  readonly stdin: Buffer[] = [];
  readonly windows: Window[] = [];
  isStdinEnded = false;
  isPaused = false;
  /** Whether it takes more stdin at once. */
  takesStdin = true;
  /** Processes of its group. */
  groupCount = 2;
  readonly strays = new FakeStrays();

  constructor(pid: number, request: SpawnRequest, handlers: SpawnHandlers) {
    this.pid = pid;
    this.request = request;
    this.handlers = handlers;
  }

  writeStdin(bytes: Buffer): boolean {
    this.stdin.push(Buffer.from(bytes));
    return this.takesStdin;
  }

  endStdin(): void {
    this.isStdinEnded = true;
  }

  resize(window: Window): void {
    this.windows.push(window);
  }

  setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
  }

  countGroup(): number {
    return this.groupCount;
  }

  killGroup(signal: string): boolean {
    this.signals.push(signal);
    return this.groupCount > 0;
  }

  /** The command writes. */
  say(channel: OutputChannel, bytes: string | Buffer): void {
    this.handlers.onOutput(channel, Buffer.from(bytes));
  }

  /** The command ends by itself, and leaves so many in its group. */
  exit(code: number, leftCount = 0): void {
    this.groupCount = leftCount;
    this.handlers.onExit(code, null);
  }

  /** The command is ended by a signal, and leaves so many in its group. */
  die(signal: string, leftCount = 0): void {
    this.groupCount = leftCount;
    this.handlers.onExit(null, signal);
  }
}

export class FakeSpawner implements Spawner {
  readonly children: FakeChild[] = [];
  /** Why commands cannot be started, if so. */
  refusal: string | undefined;

  spawn(request: SpawnRequest, handlers: SpawnHandlers): Child {
    const { refusal } = this;
    const pid = refusal === undefined ? 100 + this.children.length : 0;
    const child = new FakeChild(pid, request, handlers);
    if (refusal !== undefined) queueMicrotask(() => handlers.onNotStarted(refusal, 127));
    else handlers.onStart(pid);
    this.children.push(child);
    return child;
  }

  /** The command that was started last. */
  get last(): FakeChild {
    const child = this.children.at(-1);
    if (child === undefined) throw new Error('nothing was started');
    return child;
  }
}
