/**
 * The addresses of a host's name. A name may have several, in DNS and in /etc/hosts, and all of
 * them are wanted in the order in which they are written: getaddrinfo(3) sorts them by rules of its
 * own (RFC 6724), and reads no more than the first line of the file where host.conf(5) lacks
 * `multi on`. So the file is read here, and the system is asked for what is not in it.
 */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Resolve } from '../ports/transport.ts';
import { DagentError } from '../protocol/errors.ts';
import { formatUrl, parseUrl } from '../protocol/url.ts';
import { describeSocketError } from './socket.ts';

export interface ResolverComponents {
  /** The text of the file of hosts. */
  readHosts(): string;
  /** Asks the system: addresses in its order. Throws an error with a code of getaddrinfo's. */
  lookup(host: string): Promise<readonly string[]>;
}

/** The addresses of a name in a file of hosts (hosts(5)), in its order, each of them once. */
export function findInHosts(text: string, name: string): string[] {
  const addresses = new Set<string>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    if (names.some((each) => each.toLowerCase() === name.toLowerCase())) addresses.add(address);
  }
  return [...addresses];
}

async function lookupWithin(
  components: ResolverComponents,
  host: string,
  timeoutMs: number,
): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`no address within ${timeoutMs} ms`);
    timer = setTimeout(() => reject(error), timeoutMs);
  });
  try {
    return await Promise.race([components.lookup(host), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A resolver. Only TCP has names to resolve: sshd's keys belong to names, not to addresses. */
export function createResolver(components: ResolverComponents): Resolve {
  return async (text, timeoutMs) => {
    const url = parseUrl(text);
    if (url.kind !== 'tcp' || isIP(url.host) !== 0) return [text];
    const known = findInHosts(components.readHosts(), url.host);
    try {
      const found = known.length > 0 ? known : await lookupWithin(components, url.host, timeoutMs);
      return [...new Set(found)].map((host) => formatUrl({ ...url, host }));
    } catch (error) {
      const reason = describeSocketError(error as NodeJS.ErrnoException);
      throw new DagentError('E_CONNECT', { url: text, reason });
    }
  };
}

function readSystemHosts(): string {
  try {
    return readFileSync('/etc/hosts', 'utf8');
  } catch {
    // Without the file there is DNS alone.
    return '';
  }
}

/** The names of this host. */
export const resolveUrl: Resolve = createResolver({
  readHosts: readSystemHosts,
  async lookup(host) {
    const found = await lookup(host, { all: true, order: 'verbatim' });
    return found.map(({ address }) => address);
  },
});
