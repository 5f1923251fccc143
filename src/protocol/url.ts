/** URLs of daemons: `cd://host:port` is a TCP stream, `cd:/path` a Unix socket. */
import { DagentError } from './errors.ts';

export type DagentUrl =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

function invalid(url: string, reason: string): never {
  throw new DagentError('E_URL_INVALID', { url, reason });
}

/** The parts of a URL. Throws E_URL_INVALID, with what is wrong with it. */
export function parseUrl(url: string): DagentUrl {
  if (!url.startsWith('cd:')) return invalid(url, 'it does not begin with cd:');
  if (!url.startsWith('cd://')) {
    const path = url.slice(3);
    return path.startsWith('/') ? { kind: 'unix', path } : invalid(url, 'the path is not absolute');
  }
  const match = /^cd:\/\/(\[[0-9a-fA-F:.]+\]|[^:/[\]]+):(\d{1,5})\/?$/.exec(url);
  if (match === null) return invalid(url, 'no HOST:PORT in it');
  const port = Number(match[2]);
  if (port > 65_535) return invalid(url, 'the port is above 65535');
  return { kind: 'tcp', host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port };
}

/** The text of a URL, as {@link parseUrl} reads it. */
export function formatUrl(url: DagentUrl): string {
  if (url.kind === 'unix') return `cd:${url.path}`;
  const host = url.host.includes(':') ? `[${url.host}]` : url.host;
  return `cd://${host}:${url.port}`;
}

/** Whether only this host can reach it. */
export function isLocalUrl(url: DagentUrl): boolean {
  return url.kind === 'unix' || LOOPBACK.test(url.host);
}
