/** A channel of an ssh session, which has no other, as a connection. */
import type { Socket } from 'node:net';
import type { Client, ClientChannel } from 'ssh2';
import type { Connection, ConnectionHandlers } from '../ports/transport.ts';
import { STOP_GRACE_MS } from '../protocol/limits.ts';
import { describeSocketError, QueueEnd } from './socket.ts';

/** Text of the other side in our own words is no longer than this. */
const REASON_LENGTH_MAX = 200;

export interface SshSession {
  readonly client: Client;
  /** What the session runs over. */
  readonly socket: Socket;
  readonly channel: ClientChannel;
}

/** An error of the library: `level` says of what, and a number as `code` is the sshd's. */
export type SshError = Error & { readonly level?: string; readonly code?: string | number };

/** What ended a session, or kept it from beginning, for people. */
export function describeSshError(error: SshError): string {
  if (error.level === 'client-socket') return describeSocketError(error as NodeJS.ErrnoException);
  return error.message.slice(0, REASON_LENGTH_MAX);
}

class SshConnection implements Connection {
  readonly #session: SshSession;
  readonly #queueEnd: QueueEnd;
  #handlers: ConnectionHandlers | undefined;
  #reason = 'the ssh session was lost';
  #isQueued = false;
  #isClosing = false;
  #isOver = false;

  constructor(session: SshSession) {
    this.#session = session;
    const { client, socket, channel } = session;
    this.#queueEnd = new QueueEnd(socket);
    this.#queueEnd.onDrain = () => this.#lookAtQueue();
    client.on('error', (error) => {
      this.#reason = describeSshError(error);
    });
    client.on('close', () => this.#end(this.#reason));
    // What breaks the rules of a stream (data after its end) would be an error without a listener.
    channel.on('error', (error: Error) => this.abort(describeSshError(error)));
    channel.on('end', () => this.#handleEnd());
    channel.on('close', () => this.#handleClose());
    // Nothing comes there, and what comes all the same must not fill the window.
    channel.stderr.resume();
  }

  attach(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#isOver) return process.nextTick(() => handlers.onClose(this.#reason));
    this.#session.channel.on('data', (bytes: Buffer) => {
      if (!this.#isOver) handlers.onBytes(bytes);
    });
  }

  write(bytes: Buffer): void {
    const { channel } = this.#session;
    if (!channel.writable || this.#isClosing || this.#isOver) return;
    channel.write(bytes, () => this.#lookAtQueue());
    this.#isQueued ||= this.queuedBytes > 0;
  }

  /** What waits for the other side's window, and what waits encrypted for the network. */
  get queuedBytes(): number {
    const { channel, socket } = this.#session;
    return this.#isOver ? 0 : channel.writableLength + socket.writableLength;
  }

  #lookAtQueue(): void {
    if (!this.#isQueued || this.#isOver) return;
    if (this.queuedBytes > 0) return this.#queueEnd.watch();
    this.#isQueued = false;
    this.#handlers?.onDrain();
  }

  setPaused(isPaused: boolean): void {
    const { channel } = this.#session;
    if (this.#isClosing) return;
    if (isPaused) channel.pause();
    else channel.resume();
  }

  /**
   * The other side of the channel is told to close, and answers when it has passed on all that was
   * written: a session that ended earlier would take that along.
   */
  close(): void {
    if (this.#isClosing || this.#isOver) return;
    this.#isClosing = true;
    const { channel } = this.#session;
    channel.end();
    if (channel.writableFinished) this.#seal();
    else channel.once('finish', () => this.#seal());
  }

  /** All has been written: waits for the other side, as long as anything moves. */
  #seal(): void {
    const { channel } = this.#session;
    this.#boundSilence();
    channel.close();
    // What comes now is read only to get to its end.
    channel.removeAllListeners('data');
    channel.resume();
  }

  #boundSilence(): void {
    const { socket } = this.#session;
    socket.setTimeout(STOP_GRACE_MS, () => socket.destroy());
  }

  /** The other side has said all, and closes: so do we. */
  #handleEnd(): void {
    if (this.#isClosing) return;
    this.#boundSilence();
    this.close();
  }

  #handleClose(): void {
    this.#boundSilence();
    this.#session.client.end();
    this.#end('the other side closed it');
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    this.#handlers?.onClose(reason);
  }

  abort(reason: string): void {
    this.#reason = reason;
    this.#session.socket.destroy();
  }
}

/** The connection over a session that stands; closing it ends the session. */
export function wrapSession(session: SshSession): Connection {
  return new SshConnection(session);
}
