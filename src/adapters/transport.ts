/** The transport of every URL that we know: picks by its kind, and loads what only some need. */
import type { Transport } from '../ports/transport.ts';
import { parseUrl } from '../protocol/url.ts';
import type { Environment } from './home.ts';
import { streamTransport } from './stream-transport.ts';

/** A transport; `environment` says where an account has what it needs for ssh. */
export function createTransport(environment: Environment): Transport {
  return {
    async dial(url, timeoutMs) {
      if (parseUrl(url).kind !== 'ssh') return streamTransport.dial(url, timeoutMs);
      // Most never need it, and it takes longer to load than most commands take altogether.
      const { dialSsh } = await import('./ssh-transport.ts');
      return dialSsh(url, timeoutMs, environment);
    },
    listen: streamTransport.listen,
  };
}
