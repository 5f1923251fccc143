/** Our stdin, sent to every target or dealt out to them: the slowest sets the pace. */
import { createLineSplitter } from '../base/lines.ts';
import type { RemoteCommand } from '../client/exec.ts';
import { DagentError } from '../protocol/errors.ts';
import { EXEC_STDIN_BYTES_MAX } from '../protocol/limits.ts';

/** Who gets our stdin: all of them all of it, each a share of the lines, the first, or nobody. */
export const STDIN_MODES = ['broadcast', 'split-lines', 'first', 'none'] as const;
export type StdinMode = (typeof STDIN_MODES)[number];

/** Hands a piece of stdin to those who run; null is its end. Returns who must be waited for. */
type Deal = (bytes: Buffer | null, running: ReadonlySet<RemoteCommand>) => RemoteCommand[];

/**
 * Pumps `input` until it ends or no command wants more. Settles then; what was not read stays
 * unread.
 */
async function pumpStdin(
  input: NodeJS.ReadStream,
  commands: readonly RemoteCommand[],
  deal: Deal,
): Promise<void> {
  const running = new Set(commands);
  for (const command of commands) void command.result.then(() => running.delete(command));
  const allOver = Promise.all(commands.map((command) => command.result));
  const chunks = input[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([chunks.next(), allOver.then(() => undefined)]);
    if (next === undefined) break;
    if (next.done === true) {
      deal(null, running);
      for (const command of running) command.endStdin();
      return;
    }
    const slow = deal(next.value as Buffer, running);
    await Promise.all(slow.map((command) => command.drained()));
  }
  // Nobody reads on: the pipe must not keep this process alive.
  input.destroy();
}

/** Gives every command all of `input`. */
export function broadcastStdin(
  input: NodeJS.ReadStream,
  commands: readonly RemoteCommand[],
): Promise<void> {
  return pumpStdin(input, commands, (bytes, running) =>
    bytes === null ? [] : [...running].filter((command) => !command.writeStdin(bytes)),
  );
}

/**
 * Gives each command in turn a line of `input`. Who has ended is left out from then on: its lines
 * go to the others.
 */
export function splitStdin(
  input: NodeJS.ReadStream,
  commands: readonly RemoteCommand[],
): Promise<void> {
  let turn = 0;
  let lines: Buffer[] = [];
  const splitter = createLineSplitter((line) => lines.push(line), EXEC_STDIN_BYTES_MAX);
  const choose = (running: ReadonlySet<RemoteCommand>): RemoteCommand | undefined => {
    for (let tried = 0; tried < commands.length; tried++) {
      const command = commands[turn++ % commands.length];
      if (command !== undefined && running.has(command)) return command;
    }
    return undefined;
  };
  return pumpStdin(input, commands, (bytes, running) => {
    if (bytes === null) splitter.end();
    else splitter.push(bytes);
    const shares = Map.groupBy(lines, () => choose(running));
    lines = [];
    return [...shares].flatMap(([command, share]) =>
      command === undefined || command.writeStdin(Buffer.concat(share)) ? [] : [command],
    );
  });
}

/** The lines of what was kept that the target at `rank` of `count` gets. */
export function shareOfLines(bytes: Buffer, rank: number, count: number): Buffer {
  const share: Buffer[] = [];
  let number = 0;
  const splitter = createLineSplitter((line) => number++ % count === rank && share.push(line));
  splitter.push(bytes);
  splitter.end();
  return Buffer.concat(share);
}

/** Pieces in which what was kept is handed on. */
const PIECE_BYTES = 65_536;

/** All of `input`, for those that start later. Throws E_TOO_LARGE. */
export async function spoolStdin(input: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of input) {
    pieces.push(piece as Buffer);
    bytes += (piece as Buffer).length;
    if (bytes > EXEC_STDIN_BYTES_MAX) {
      throw new DagentError('E_TOO_LARGE', { what: 'stdin', bytes, max: EXEC_STDIN_BYTES_MAX });
    }
  }
  return Buffer.concat(pieces);
}

/** Gives one command all of `bytes` as its stdin, as fast as it takes them. */
export async function feedStdin(command: RemoteCommand, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (!command.writeStdin(bytes.subarray(at, at + PIECE_BYTES))) await command.drained();
  }
  command.endStdin();
}

export interface FeedOptions {
  readonly mode: StdinMode;
  /** Number of targets. */
  readonly count: number;
  /** Whether all of them start at once. */
  readonly isAtOnce: boolean;
}

/** Our stdin on its way to the commands of a run. */
export class StdinFeed {
  readonly #options: FeedOptions;
  /** Undefined where nobody gets it. */
  readonly #input: NodeJS.ReadStream | undefined;
  /** All of it, where some start later than others. */
  readonly #spooled: Buffer | undefined;
  readonly #commands: RemoteCommand[] = [];

  private constructor(options: FeedOptions, input?: NodeJS.ReadStream, spooled?: Buffer) {
    this.#options = options;
    this.#input = input;
    this.#spooled = spooled;
  }

  /** `open` gives the stream, which is not touched where nobody gets it. Throws E_TOO_LARGE. */
  static async open(options: FeedOptions, open: () => NodeJS.ReadStream): Promise<StdinFeed> {
    const { mode, isAtOnce } = options;
    if (mode === 'none') return new StdinFeed(options);
    const input = open();
    return new StdinFeed(options, input, isAtOnce ? undefined : await spoolStdin(input));
  }

  /** Whether the target at `rank` gets some of it. */
  takes(rank: number): boolean {
    const { mode } = this.#options;
    return mode === 'first' ? rank === 0 : mode !== 'none';
  }

  /** A command that takes some of it has started. */
  add(command: RemoteCommand, rank: number): void {
    const { mode, count } = this.#options;
    this.#commands.push(command);
    if (this.#spooled === undefined) return;
    const isSplit = mode === 'split-lines';
    void feedStdin(command, isSplit ? shareOfLines(this.#spooled, rank, count) : this.#spooled);
  }

  /** All that start at once have started. */
  begin(): void {
    const { mode } = this.#options;
    if (this.#input === undefined || this.#spooled !== undefined) return;
    const pump = mode === 'split-lines' ? splitStdin : broadcastStdin;
    void pump(this.#input, this.#commands);
  }
}
