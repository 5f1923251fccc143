/** Our stdin, sent to every target: the slowest sets the pace, and the end arrives. */
import type { RemoteCommand } from '../client/exec.ts';

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
