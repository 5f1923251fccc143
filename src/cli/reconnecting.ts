/** What a command that waits for things to come says of its connection, and how it comes back. */
import * as Flags from '@oclif/core/flags';
import type { ClientStatus } from '../client/client-status.ts';
import type { ConnectOptions } from '../client/connection.ts';

export const reconnectFlag = {
  'no-reconnect': Flags.boolean({
    helpGroup: 'DAEMON',
    description: 'End with 6 when the daemon is gone, instead of waiting until it is back',
  }),
};

/** What is said of it, if anything. */
function describeStatus(status: ClientStatus): string | undefined {
  switch (status.kind) {
    case 'disconnected':
      return `${status.error.message} (${status.error.code}); waiting for it`;
    case 'connected':
      return `connected to ${status.node} again`;
    case 'refused':
      return `${status.error.message} (${status.error.code}); trying on`;
    // Many times; and what ends it is told as its error.
    case 'retrying':
    case 'closed':
      return undefined;
  }
}

/** How such a command connects; `say` writes to stderr. */
export function reconnecting(isWanted: boolean, say: (text: string) => void): ConnectOptions {
  return {
    reconnect: isWanted,
    onStatus(status) {
      const text = isWanted ? describeStatus(status) : undefined;
      if (text !== undefined) say(text);
    },
  };
}
