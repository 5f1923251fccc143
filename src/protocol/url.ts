/**
 * URLs of daemons: `cd://host:port` is a TCP stream, `cd:/path` a Unix socket, and
 * `ssh://[user@]host[:port]/path` a Unix socket of another host, reached through its sshd.
 */
import { DagentError } from './errors.ts';

/** A stream that a process of ours can dial and listen on. */
export type StreamUrl =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface SshUrl {
  readonly kind: 'ssh';
  /** Account on that host; null: the name of our own. */
  readonly user: string | null;
  readonly host: string;
  readonly port: number;
  /** The daemon's socket on that host. */
  readonly path: string;
}

export type DagentUrl = StreamUrl | SshUrl;

export const SSH_PORT = 22;
const PORT_MAX = 65_535;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

// The grammar is narrower than that of accounts and hosts: such a name is shown, compared with
// lines of files, and advised as a word of a command.
const SSH_USER = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;
const SSH_HOST = /^(\[[0-9a-fA-F.]*:[0-9a-fA-F:.]*\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)$/;

function invalid(url: string, reason: string): never {
  throw new DagentError('E_URL_INVALID', { url, reason });
}

function stripBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function addBrackets(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function parseSsh(url: string): SshUrl {
  const match = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]/]*\]|[^:/@[\]]*)(?::(\d{1,5}))?(\/.*)?$/s.exec(url);
  if (match === null) return invalid(url, 'it is not ssh://[USER@]HOST[:PORT]/PATH');
  const [, user, host = '', port = String(SSH_PORT), path = ''] = match;
  if (user?.startsWith('-')) return invalid(url, 'the user begins with "-"');
  if (host.startsWith('-')) return invalid(url, 'the host begins with "-"');
  if (user !== undefined && !SSH_USER.test(user)) return invalid(url, 'that is no name of a user');
  if (!SSH_HOST.test(host)) return invalid(url, 'that is no name of a host');
  if (Number(port) === 0 || Number(port) > PORT_MAX) return invalid(url, 'there is no such port');
  if (path.length < 2) return invalid(url, 'no path of a socket in it');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  if (/[\x00-\x1f\x7f]/.test(path)) return invalid(url, 'a control character is in the path');
  return { kind: 'ssh', user: user ?? null, host: stripBrackets(host), port: Number(port), path };
}

/** The parts of a URL. Throws E_URL_INVALID, with what is wrong with it. */
export function parseUrl(url: string): DagentUrl {
  if (url.startsWith('ssh:')) return parseSsh(url);
  if (!url.startsWith('cd:')) return invalid(url, 'it begins with neither cd: nor ssh:');
  if (!url.startsWith('cd://')) {
    const path = url.slice(3);
    return path.startsWith('/') ? { kind: 'unix', path } : invalid(url, 'the path is not absolute');
  }
  const match = /^cd:\/\/(\[[0-9a-fA-F:.]+\]|[^:/[\]]+):(\d{1,5})\/?$/.exec(url);
  if (match === null) return invalid(url, 'no HOST:PORT in it');
  const port = Number(match[2]);
  if (port > PORT_MAX) return invalid(url, `the port is above ${PORT_MAX}`);
  return { kind: 'tcp', host: stripBrackets(match[1] ?? ''), port };
}

/**
 * As {@link parseUrl}, for a place to listen on. Throws E_URL_INVALID also for what can only be
 * dialled.
 */
export function parseStreamUrl(url: string): StreamUrl {
  const parsed = parseUrl(url);
  return parsed.kind === 'ssh' ? invalid(url, 'ssh: can be dialled only') : parsed;
}

/** The text of a URL, as {@link parseUrl} reads it. */
export function formatUrl(url: DagentUrl): string {
  if (url.kind === 'unix') return `cd:${url.path}`;
  if (url.kind === 'tcp') return `cd://${addBrackets(url.host)}:${url.port}`;
  const user = url.user === null ? '' : `${url.user}@`;
  const port = url.port === SSH_PORT ? '' : `:${url.port}`;
  return `ssh://${user}${addBrackets(url.host)}${port}${url.path}`;
}

/** As {@link parseUrl}, for what others say: undefined when it is no URL, or one through ssh. */
export function readStreamUrl(text: string): StreamUrl | undefined {
  try {
    return parseStreamUrl(text);
  } catch {
    return undefined;
  }
}

/** Whether only this host can reach it. */
export function isLocalUrl(url: StreamUrl): boolean {
  return url.kind === 'unix' || LOOPBACK.test(url.host);
}
