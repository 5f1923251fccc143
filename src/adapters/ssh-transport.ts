/**
 * Dialling through ssh: a session with the sshd of a host, and in it one channel to the socket of
 * the daemon there. The host must be known and our key accepted; nothing is ever asked, and nothing
 * is written down.
 */
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import type { ClientChannel, ConnectConfig } from 'ssh2';
import ssh2 from 'ssh2';
import type { Connection } from '../ports/transport.ts';
import { DagentError } from '../protocol/errors.ts';
import { parseUrl, type SshUrl } from '../protocol/url.ts';
import type { Environment } from './home.ts';
import { openSocket } from './socket.ts';
import { SshAuthentication } from './ssh-auth.ts';
import { describeSshError, type SshError, type SshSession, wrapSession } from './ssh-connection.ts';
import { type KnownHosts, readKeyFiles, readKnownHosts } from './ssh-files.ts';
import { checkHostKey, hostKeyAlgorithms } from './ssh-host-key.ts';

/** Reasons of RFC 4254, 5.1, for a channel that is not opened. */
const OPEN_PROHIBITED = 1;
const OPEN_CONNECT_FAILED = 2;
const OPEN_UNKNOWN_TYPE = 3;
const FORBIDDEN = 'its sshd does not forward to sockets (AllowStreamLocalForwarding)';

/** A session that is being made. */
interface Dialling {
  /** The URL as it was given. */
  readonly label: string;
  readonly place: SshUrl;
  readonly username: string;
  readonly socket: Socket;
  readonly knownHosts: KnownHosts;
  readonly authentication: SshAuthentication;
}

function ownName(url: string): string {
  try {
    return userInfo().username;
  } catch {
    throw new DagentError('E_URL_INVALID', { url, reason: 'our account has no name: say USER@' });
  }
}

function describeRefusal(error: Error & { reason?: unknown }): string {
  switch (error.reason) {
    case OPEN_CONNECT_FAILED:
      // OpenSSH says the same of what it forbids.
      return `nobody listens there, or ${FORBIDDEN}`;
    case OPEN_PROHIBITED:
    case OPEN_UNKNOWN_TYPE:
      return FORBIDDEN;
    default:
      return describeSshError(error);
  }
}

/**
 * Without the cipher whose sequence numbers can be shifted where the sshd knows no strict key
 * exchange (CVE-2023-48795), and without SHA-1.
 */
function configure(dialling: Dialling, hostVerifier: (key: Buffer) => boolean): ConnectConfig {
  const { place, username, socket, knownHosts, authentication } = dialling;
  return {
    host: place.host,
    port: place.port,
    username,
    sock: socket,
    hostVerifier,
    authHandler: () => authentication.next(),
    algorithms: {
      serverHostKey: hostKeyAlgorithms(knownHosts, place),
      cipher: { remove: ['chacha20-poly1305@openssh.com'], append: [], prepend: [] },
      hmac: { remove: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'], append: [], prepend: [] },
    },
    // Other sshds than OpenSSH's know the extension too; those that do not will say so.
    strictVendor: false,
    // The whole of dialling has a limit of its own.
    readyTimeout: 0,
  };
}

/** An error during the handshake or the proof of who we are. Undefined: it goes on all the same. */
function judgeError(
  error: SshError,
  dialling: Dialling,
  isProving: boolean,
): DagentError | undefined {
  const { label, place, username, authentication } = dialling;
  const isOfMethod = error.level === 'agent' || error.level === 'client-authentication';
  if (isOfMethod && !authentication.isExhausted) {
    authentication.note(error.message);
    return undefined;
  }
  // A number is that of the sshd's disconnect: too many keys were shown, for one.
  const isRefused = authentication.isExhausted || (isProving && typeof error.code === 'number');
  if (!isRefused) {
    return new DagentError('E_CONNECT', { url: label, reason: describeSshError(error) });
  }
  const said = authentication.isExhausted ? '' : `${describeSshError(error)}; `;
  const reason = said + authentication.describe();
  return new DagentError('E_SSH_AUTH', { user: username, host: place.host, reason });
}

/** Settles when the channel stands; on any failure nothing of the session is left. */
function openSession(dialling: Dialling, timeoutMs: number): Promise<SshSession> {
  const { label, place, socket, knownHosts, authentication } = dialling;
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let isProving = false;
    const settle = (): void => {
      clearTimeout(timer);
      authentication.close();
    };
    const fail = (error: DagentError): void => {
      settle();
      reject(error);
      socket.destroy();
    };
    const failToConnect = (reason: string): void =>
      fail(new DagentError('E_CONNECT', { url: label, reason }));
    const timer = setTimeout(() => failToConnect(`no answer within ${timeoutMs} ms`), timeoutMs);
    const verify = (key: Buffer): boolean => {
      const error = checkHostKey(knownHosts, place, key);
      if (error !== undefined) fail(error);
      return error === undefined;
    };
    // These stay: after an error there is nothing that the session could still be used for.
    client.on('error', (error: SshError) => {
      const verdict = judgeError(error, dialling, isProving);
      if (verdict !== undefined) fail(verdict);
    });
    client.on('close', () => failToConnect('the other side closed it'));
    client.on('handshake', () => {
      isProving = true;
    });
    client.on('ready', () => {
      isProving = false;
      client.openssh_forwardOutStreamLocal(place.path, (error, channel: ClientChannel) => {
        if (error) return failToConnect(describeRefusal(error));
        settle();
        resolve({ client, socket, channel });
      });
    });
    client.connect(configure(dialling, verify));
  });
}

/** Connects to the sshd. Its failure must not look like that of the daemon behind it. */
async function openSshSocket(url: string, place: SshUrl, timeoutMs: number): Promise<Socket> {
  const { host, port } = place;
  try {
    return await openSocket({ kind: 'tcp', host, port }, timeoutMs, url);
  } catch (error) {
    if (!(error instanceof DagentError)) throw error;
    const reason = `${error.values.reason} (its sshd, port ${port})`;
    throw new DagentError('E_CONNECT', { url, reason });
  }
}

/**
 * Connects to a daemon through the sshd of its host. `environment` names the account's HOME and the
 * socket of its agent. Throws E_CONNECT, E_SSH_HOST_KEY, E_SSH_AUTH, E_URL_INVALID.
 */
export async function dialSsh(
  url: string,
  timeoutMs: number,
  environment: Environment,
): Promise<Connection> {
  const place = parseUrl(url);
  if (place.kind !== 'ssh') throw new DagentError('E_URL_INVALID', { url, reason: 'not ssh:' });
  const username = place.user ?? ownName(url);
  const startedAtMs = performance.now();
  const [knownHosts, files] = await Promise.all([
    readKnownHosts(environment),
    readKeyFiles(environment),
  ]);
  const socket = await openSshSocket(url, place, timeoutMs);
  const authentication = new SshAuthentication(username, environment, files);
  const leftMs = Math.max(1, Math.round(timeoutMs - (performance.now() - startedAtMs)));
  const dialling = { label: url, place, username, socket, knownHosts, authentication };
  return wrapSession(await openSession(dialling, leftMs));
}
