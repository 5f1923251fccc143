/** `listen --reply`: a shell command answers what comes. */
import { runShell } from '../adapters/shell.ts';
import type { Incoming } from '../client/index.ts';
import type { Received } from '../client/message-queue.ts';
import { DagentError } from '../protocol/errors.ts';
import { BODY_BYTES_MAX } from '../protocol/limits.ts';

/** Parameters whose names can be a variable's: the others are for programs. */
const VARIABLE = /^[A-Za-z0-9_]+$/;

/** What a command may know of the message that it answers. */
function environmentOf(message: Incoming): Record<string, string | undefined> {
  const params = Object.entries(message.params)
    .filter(([name]) => VARIABLE.test(name))
    .map(([name, value]) => [`DAGENT_PARAM_${name}`, value]);
  return {
    ...process.env,
    ...Object.fromEntries(params),
    DAGENT_FROM: message.from,
    DAGENT_COMMAND: message.command,
    DAGENT_SN: message.sn,
  };
}

/** The answer of the shell. Throws E_REMOTE when it fails, E_TOO_LARGE. */
async function runReply(command: string, message: Incoming, signal: AbortSignal): Promise<Buffer> {
  const fail = (text: string): never => {
    throw new DagentError('E_REMOTE', { class: 'shell', node: message.to, text });
  };
  const { status, output } = await runShell({
    command,
    input: message.data,
    env: environmentOf(message),
    outputBytesMax: BODY_BYTES_MAX,
    signal,
    // What the sender put into the message may be nothing that a process can be started with.
  }).catch((error: Error) => fail(error.message));
  if (output.length > BODY_BYTES_MAX) {
    const values = { what: 'the answer', bytes: output.length, max: BODY_BYTES_MAX };
    throw new DagentError('E_TOO_LARGE', values);
  }
  return status === 0 ? output : fail(`exit status ${status}`);
}

function rejectCancelled({ message, exchange }: Received): void {
  const values = { method: message.command, to: message.to };
  exchange?.reject({ code: 'E_CANCELLED', values });
}

/** Runs it until it has ended, its asker has cancelled it, or `over`. */
async function answer(command: string, received: Received, over: AbortSignal): Promise<void> {
  const { message, exchange } = received;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  over.addEventListener('abort', end);
  if (exchange !== undefined) exchange.onCancel = end;
  try {
    const data = await runReply(command, message, ended.signal);
    exchange?.reply({ data });
  } catch (error) {
    if (!(error instanceof DagentError)) throw error;
    if (exchange?.isCancelled === true) rejectCancelled(received);
    // Who asks is told that we are gone.
    else if (!over.aborted) exchange?.reject(error.toData());
  } finally {
    over.removeEventListener('abort', end);
  }
}

/**
 * Runs the command for one message, and answers with its output when it was a request. Nothing that
 * comes with a message makes it throw. When `over` it is ended, and none is begun any more.
 */
export async function replyWithShell(
  command: string,
  received: Received,
  over: AbortSignal,
): Promise<void> {
  const { message, exchange } = received;
  if (message.isCall) {
    // Its arguments are no text, and what a shell prints is no value.
    const values = { service: message.to, method: message.command };
    exchange?.reject({ code: 'E_NO_METHOD', values });
  } else if (exchange?.isCancelled === true) {
    rejectCancelled(received);
  } else if (!over.aborted) {
    await answer(command, received, over);
  }
}
