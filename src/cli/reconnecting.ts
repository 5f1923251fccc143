/** What a command that waits for things to come says of its connection, and how it comes back. */
import * as Flags from '@oclif/core/flags';
import type { ClientStatus } from '../client/client-status.ts';
import type { ConnectOptions } from '../client/connection.ts';
import type { DagentError } from '../protocol/errors.ts';
import { HOLD_MS_DEFAULT } from '../protocol/limits.ts';

export const reconnectFlag = {
  'no-reconnect': Flags.boolean({
    helpGroup: 'DAEMON',
    description: 'End with 6 when the daemon is gone, instead of waiting until it is back',
  }),
};

function tellError({ message, code }: DagentError): string {
  return `${message} (${code})`;
}

/** What is said of it, if anything. */
function describeStatus(status: ClientStatus): string | undefined {
  switch (status.kind) {
    case 'disconnected':
      return `${tellError(status.error)}; waiting for it`;
    case 'connected':
      return `connected to ${status.node} again`;
    case 'silent':
      return `${status.node} does not answer: ${tellError(status.error)}; waiting for it`;
    case 'answering':
      return `${status.node} answers again`;
    case 'refused':
      return `${tellError(status.error)}; trying on`;
    // Many times; and what ends it is told as its error.
    case 'retrying':
    case 'closed':
      return undefined;
  }
}

/** How a command connects whose connection may be made again; `say` writes to stderr. */
export function reconnecting(isWanted: boolean, say: (text: string) => void): ConnectOptions {
  return {
    reconnect: isWanted,
    onStatus(status) {
      // Who ends with the daemon is told of its end by an error; by its silence nothing ends.
      const isLasting = status.kind === 'silent' || status.kind === 'answering';
      const text = isWanted || isLasting ? describeStatus(status) : undefined;
      if (text !== undefined) say(text);
    },
  };
}

/** The same of one that waits for what comes, so that it would not notice a daemon that hangs. */
export function awaiting(isComingBack: boolean, say: (text: string) => void): ConnectOptions {
  return { ...reconnecting(isComingBack, say), silenceMs: HOLD_MS_DEFAULT };
}
