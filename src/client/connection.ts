/** Finding a daemon and shaking hands with it. */
import { type Home, listDaemons, pathsOf, readStatus, resolveHome } from '../adapters/home.ts';
import { createTransport } from '../adapters/transport.ts';
import type { Connection } from '../ports/transport.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { At, encodeFrame, headOf, Kind, MAGIC } from '../protocol/frame.ts';
import {
  type Hello,
  parseWelcome,
  VERSION_MAX,
  VERSION_MIN,
  type Welcome,
} from '../protocol/handshake.ts';
import { HANDSHAKE_MS_MAX, HOLD_MS_DEFAULT } from '../protocol/limits.ts';
import { pack, unpackMap } from '../protocol/pack.ts';
import { createSplitter, eachFrame, splitFrames } from '../protocol/splitter.ts';

export interface ConnectOptions {
  /** Directory of the installation; `DAGENT_HOME`, then the usual places, when absent. */
  readonly home?: string | undefined;
  /**
   * Name or URL of the daemon; `DAGENT_VIA`, then the running one nearest to the root, when absent.
   */
  readonly via?: string | undefined;
  /** Milliseconds for connecting and the handshake. */
  readonly timeoutMs?: number | undefined;
}

/** Who hears of what comes after the handshake. */
export interface SessionHandlers {
  /** Whole frames. */
  onFrames(run: Buffer): void;
  onClose(error: DagentError): void;
  onDrain(): void;
}

export interface Session {
  readonly welcome: Welcome;
  readonly connection: Connection;
  /** Says who is to hear of what comes. */
  attach(handlers: SessionHandlers): void;
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

async function dialVia(
  home: Home,
  via: string,
  dial: (url: string) => Promise<Connection>,
): Promise<Connection> {
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
async function dialDaemon(options: ConnectOptions, timeoutMs: number): Promise<Connection> {
  const home = resolveHome(options.home, process.env);
  const transport = createTransport(process.env);
  const dial = (url: string): Promise<Connection> => transport.dial(url, timeoutMs);
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

function sayHello(connection: Connection): void {
  const hello: Hello = {
    as: 'client',
    versionMin: VERSION_MIN,
    versionMax: VERSION_MAX,
    holdMs: HOLD_MS_DEFAULT,
  };
  connection.write(Buffer.concat([MAGIC, encodeFrame({ kind: Kind.HELLO }, pack(hello))]));
}

/** What the daemon's first frame says. */
function readWelcome(frame: Buffer): Welcome | DagentError {
  const head = unpackMap(headOf(frame));
  if (frame[At.KIND] === Kind.REFUSE) return errorFromData(head.error);
  const welcome = frame[At.KIND] === Kind.WELCOME ? parseWelcome(head) : undefined;
  return welcome ?? new DagentError('E_NOT_OURS');
}

/**
 * Opens a session with a daemon. Throws E_NO_DAEMON, E_VIA_UNKNOWN, what its transport throws
 * (E_CONNECT and others), or what it refuses with.
 */
export async function openSession(options: ConnectOptions): Promise<Session> {
  const timeoutMs = options.timeoutMs ?? HANDSHAKE_MS_MAX;
  const connection = await dialDaemon(options, timeoutMs);
  return new Promise((resolve, reject) => {
    let handlers: SessionHandlers | undefined;
    let early: Buffer[] = [];
    let isWelcomed = false;
    const splitter = createSplitter();
    const fail = (error: DagentError): void => {
      clearTimeout(timer);
      connection.abort('the handshake failed');
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new DagentError('E_HANDSHAKE_TIMEOUT', { ms: timeoutMs })),
      timeoutMs,
    );
    const attach = (to: SessionHandlers): void => {
      handlers = to;
      for (const run of early) to.onFrames(run);
      early = [];
    };
    const welcomed = (frame: Buffer): void => {
      const welcome = readWelcome(frame);
      if (welcome instanceof DagentError) return fail(welcome);
      isWelcomed = true;
      clearTimeout(timer);
      resolve({ welcome, connection, attach });
    };
    const onRun = (run: Buffer): void => {
      if (handlers !== undefined) handlers.onFrames(run);
      else if (isWelcomed) early.push(run);
      else eachFrame(run, (frame) => (isWelcomed ? early.push(frame) : welcomed(frame)));
    };
    connection.attach({
      onBytes: (bytes) => {
        for (const run of splitFrames(splitter, bytes)) {
          if (run.kind === 'frames') onRun(run.bytes);
          else if (isWelcomed) connection.abort(`a broken frame: ${run.fault.code}`);
          else fail(new DagentError('E_NOT_OURS'));
        }
      },
      onClose: (reason) => {
        const error = new DagentError('E_CONNECTION_LOST', { node: 'the daemon', reason });
        if (isWelcomed) handlers?.onClose(error);
        else fail(error);
      },
      onDrain: () => handlers?.onDrain(),
    });
    sayHello(connection);
  });
}
