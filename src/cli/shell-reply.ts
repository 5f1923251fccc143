/** `listen --reply`: a shell command answers what comes. */
import { runShell } from '../adapters/shell.ts';
import type { Received } from '../client/message-queue.ts';
import { BODY_BYTES_MAX } from '../protocol/limits.ts';

/** Runs the command for one message, and answers with its output when it was a request. */
export async function replyWithShell(command: string, received: Received): Promise<void> {
  const { message, exchange } = received;
  if (message.isCall) {
    // Its arguments are no text, and what a shell prints is no value.
    const values = { service: message.to, method: message.command };
    exchange?.reject({ code: 'E_NO_METHOD', values });
    return;
  }
  const params = Object.entries(message.params).map(([name, value]) => [
    `DAGENT_PARAM_${name}`,
    value,
  ]);
  const env = {
    ...process.env,
    ...Object.fromEntries(params),
    DAGENT_FROM: message.from,
    DAGENT_COMMAND: message.command,
    DAGENT_SN: message.sn,
  };
  const { status, output } = await runShell(command, message.data, env);
  if (exchange === undefined) return;
  const values = { class: 'shell', node: message.to };
  if (status !== 0) {
    exchange.reject({ code: 'E_REMOTE', values: { ...values, text: `exit status ${status}` } });
  } else if (output.length > BODY_BYTES_MAX) {
    const more = { what: 'the answer', bytes: output.length, max: BODY_BYTES_MAX };
    exchange.reject({ code: 'E_TOO_LARGE', values: more });
  } else {
    exchange.reply({ data: output });
  }
}
