/** Finding a daemon and shaking hands with it. */
import { type Home, listDaemons, pathsOf, readStatus, resolveHome } from '../adapters/home.ts';
import { createTransport } from '../adapters/transport.ts';
import type { Connection } from '../ports/transport.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { At, headOf, Kind } from '../protocol/frame.ts';
import {
  type Hello,
  parseWelcome,
  VERSION_MAX,
  VERSION_MIN,
  type Welcome,
} from '../protocol/handshake.ts';
import { HANDSHAKE_MS_MAX, HOLD_MS_DEFAULT } from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import type { ClientStatus } from './client-status.ts';
import { type Greeting, greet } from './greeting.ts';

export interface ConnectOptions {
  /** Directory of the installation; `DAGENT_HOME`, then the usual places, when absent. */
  readonly home?: string | undefined;
  /**
   * Name or URL of the daemon; `DAGENT_VIA`, then the running one nearest to the root, when absent.
   */
  readonly via?: string | undefined;
  /** Milliseconds for connecting and the handshake. */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether programs of this node that have much to say to each other do so by a connection of
   * their own, past the daemon. True when absent.
   */
  readonly direct?: boolean | undefined;
  /**
   * How long to wait for a daemon that is not there, in milliseconds; `Infinity` for as long as it
   * takes. Not at all when absent.
   */
  readonly waitMs?: number | undefined;
  /**
   * Whether the connection is made again when it is lost, until the program closes it. True when
   * absent.
   */
  readonly reconnect?: boolean | undefined;
  /** Ends the attempt to connect; what stands then it does not end. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds without an answer after which `onStatus` is told that the daemon is silent; it is
   * asked several times in that time. It is not asked when absent.
   */
  readonly silenceMs?: number | undefined;
  /** Called with what becomes of the connection after that. */
  readonly onStatus?: ((status: ClientStatus) => void) | undefined;
}

export interface Session extends Greeting<Welcome> {
  /** Where the daemon was dialled. */
  readonly url: string;
}

/** No name has a colon. */
function isUrl(via: string): boolean {
  return via.includes(':');
}

function urlOf(home: Home, via: string): string {
  if (isUrl(via)) return via;
  if (!isNodeName(via)) throw new DagentError('E_NAME_INVALID', { name: via });
  return `cd:${pathsOf(home, via).socket}`;
}

/** A connection, and where it was dialled. */
interface Dialled {
  readonly connection: Connection;
  readonly url: string;
}

type Dial = (url: string) => Promise<Dialled>;

async function dialVia(home: Home, via: string, dial: Dial): Promise<Dialled> {
  try {
    return await dial(urlOf(home, via));
  } catch (error) {
    const isMissing = error instanceof DagentError && error.code === 'E_CONNECT';
    if (!isUrl(via) && isMissing && readStatus(home, via) === undefined) {
      throw new DagentError('E_VIA_UNKNOWN', { via, home: home.label });
    }
    throw error;
  }
}

/** Connects to the daemon that is asked for, or to the one nearest to the root that answers. */
async function dialDaemon(options: ConnectOptions, timeoutMs: number): Promise<Dialled> {
  const home = resolveHome(options.home, process.env);
  const transport = createTransport(process.env);
  const dial: Dial = async (url) => ({ connection: await transport.dial(url, timeoutMs), url });
  const via = options.via ?? process.env.DAGENT_VIA;
  if (via !== undefined && via !== '') return dialVia(home, via, dial);
  for (const { name } of listDaemons(home)) {
    try {
      return await dial(urlOf(home, name));
    } catch {
      // It died just now: another one may serve as well.
    }
  }
  throw new DagentError('E_NO_DAEMON', { home: home.label });
}

/** What the daemon's first frame says. */
function readWelcome(frame: Buffer): Welcome | DagentError {
  const head = unpackMap(headOf(frame));
  if (frame[At.KIND] === Kind.REFUSE) return errorFromData(head.error);
  const welcome = frame[At.KIND] === Kind.WELCOME ? parseWelcome(head) : undefined;
  return welcome ?? new DagentError('E_NOT_OURS');
}

/**
 * Opens a session with a daemon. Throws E_NO_DAEMON, E_VIA_UNKNOWN, E_HOME_DENIED, what its
 * transport throws (E_CONNECT, E_CONNECT_DENIED), or what it refuses with.
 */
export async function openSession(options: ConnectOptions): Promise<Session> {
  const timeoutMs = options.timeoutMs ?? HANDSHAKE_MS_MAX;
  const { connection, url } = await dialDaemon(options, timeoutMs);
  const hello: Hello = {
    as: 'client',
    versionMin: VERSION_MIN,
    versionMax: VERSION_MAX,
    holdMs: HOLD_MS_DEFAULT,
  };
  return { ...(await greet(connection, hello, readWelcome, timeoutMs)), url };
}
