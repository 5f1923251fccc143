/** Our stdin, sent to every target: the slowest sets the pace, and the end arrives. */
import type { RemoteCommand } from '../client/exec.ts';
import { DagentError } from '../protocol/errors.ts';
import { EXEC_STDIN_BYTES_MAX } from '../protocol/limits.ts';

/** Who gets our stdin. */
export const STDIN_MODES = ['broadcast', 'first', 'none'] as const;
export type StdinMode = (typeof STDIN_MODES)[number];

/**
 * Pumps `input` until it ends or no command wants more. Settles then; what was not read stays
 * unread.
 */
export async function broadcastStdin(
  input: NodeJS.ReadStream,
  commands: readonly RemoteCommand[],
): Promise<void> {
  const running = new Set(commands);
  for (const command of commands) void command.result.then(() => running.delete(command));
  const allOver = Promise.all(commands.map((command) => command.result));
  const chunks = input[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([chunks.next(), allOver.then(() => undefined)]);
    if (next === undefined) break;
    if (next.done === true) {
      for (const command of running) command.endStdin();
      return;
    }
    const bytes = next.value as Buffer;
    const slow = [...running].filter((command) => !command.writeStdin(bytes));
    await Promise.all(slow.map((command) => command.drained()));
  }
  // Nobody reads on: the pipe must not keep this process alive.
  input.destroy();
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
