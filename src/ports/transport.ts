/** Connections: streams of bytes between two processes, on this host or between hosts. */

export interface ConnectionHandlers {
  /** Bytes came; the buffer is the receiver's. */
  onBytes(bytes: Buffer): void;
  /** The connection is over, once; `reason` is for people. */
  onClose(reason: string): void;
  /** What was queued has gone out. */
  onDrain(): void;
}

export interface Connection {
  /** Says who is to hear of it. Nothing is read before. */
  attach(handlers: ConnectionHandlers): void;
  /** Writes. A carrier may call `onTaken` when it needs the bytes no longer. */
  write(bytes: Buffer, onTaken?: () => void): void;
  /** Bytes that were written and have not left yet. */
  readonly queuedBytes: number;
  /** Stops, or goes on with, reading: what is not read slows the sender. */
  setPaused(isPaused: boolean): void;
  /** Closes after what was written has gone out. */
  close(): void;
  /** Closes now; what is queued is lost. */
  abort(reason: string): void;
}

export interface Listener {
  /** Where it listens, with the port that it got. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The URLs that a URL stands for, in the order in which they are to be tried: itself, or one for
 * each address of its host's name. `timeoutMs` bounds the search. Throws E_CONNECT with the reason,
 * E_URL_INVALID.
 */
export type Resolve = (url: string, timeoutMs: number) => Promise<readonly string[]>;

export interface Transport {
  /**
   * Connects. `timeoutMs` bounds the attempt. Throws E_CONNECT with the reason, E_URL_INVALID; what
   * goes through ssh also E_SSH_HOST_KEY and E_SSH_AUTH.
   */
  dial(url: string, timeoutMs: number): Promise<Connection>;
  /** Takes connections. Throws E_LISTEN with the reason, E_URL_INVALID. */
  listen(url: string, onConnection: (connection: Connection) => void): Promise<Listener>;
}
