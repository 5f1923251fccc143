/** One connection of a program to its daemon, and all that ends with it. */
import { systemClock } from '../adapters/system-clock.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import { type DagentError, errorFromData } from '../protocol/errors.ts';
import { At, headOf, Kind } from '../protocol/frame.ts';
import { unpackMap } from '../protocol/pack.ts';
import type { NodeRecord } from '../protocol/record.ts';
import { Confirmations } from './confirmations.ts';
import type { Session } from './connection.ts';
import { Names } from './names.ts';
import { Outflow } from './outflow.ts';
import { Pulse, type PulseOptions } from './pulse.ts';

/** What a program has whichever connection it has. */
export interface LinkOptions {
  /** Whether there may be direct connections. */
  readonly isDirect: boolean;
  /** Readers that want no more for now. */
  readonly full: ReadonlySet<object>;
  /** Who is told when the daemon answers nothing, if anybody. */
  readonly silence: Pick<PulseOptions, 'holdMs' | 'onSilent' | 'onHeard'> | undefined;
  onEvent(event: Incoming): void;
  /** The connection is over; by `error`, unless this side has ended it. */
  onClose(link: Link, error: DagentError): void;
}

export class Link {
  /** Where the daemon was dialled. */
  readonly url: string;
  readonly record: NodeRecord;
  readonly realm: string | null;
  readonly endpoint: Endpoint;
  readonly confirmations: Confirmations;
  readonly outflow: Outflow;
  readonly names: Names;
  /** Why nothing can be sent any more. */
  lost: DagentError | undefined;
  readonly #session: Session;
  readonly #closed: Promise<void>;
  readonly #pulse: Pulse | undefined;
  /** What the daemon gave as its reason to end it. */
  #reason: DagentError | undefined;

  constructor(session: Session, options: LinkOptions) {
    const { answer: welcome, connection, url } = session;
    this.#session = session;
    this.url = url;
    this.record = welcome.record;
    this.realm = welcome.realm;
    this.confirmations = new Confirmations(connection);
    this.names = new Names(url, this.record.id);
    const identity = { node: this.record.name, service: welcome.endpoint, seed: welcome.seed };
    this.endpoint = new Endpoint(identity, {
      write: (bytes, onTaken) => connection.write(bytes, onTaken),
      schedule: (flush) => queueMicrotask(flush),
    });
    this.endpoint.onEvent = (event) => options.onEvent(event);
    this.endpoint.onLinkFrame = (frame) => this.#handleFrame(frame);
    const { isDirect, full, silence } = options;
    this.outflow = new Outflow(this.endpoint, connection, { url, isDirect, full });
    if (silence !== undefined) {
      const ask = () => this.confirmations.read();
      const isPaused = () => full.size > 0;
      this.#pulse = new Pulse({ clock: systemClock, ask, isPaused, ...silence });
    }
    this.#closed = new Promise((resolve) => {
      session.attach({
        onFrames: (run) => {
          this.#pulse?.heard();
          this.endpoint.receive(run);
        },
        onClose: (error) => {
          const why = this.#reason ?? error;
          this.end(why);
          options.onClose(this, why);
          resolve();
        },
        onDrain: () => this.outflow.handleDrain(),
      });
    });
  }

  #handleFrame(frame: Buffer): void {
    const kind = frame[At.KIND];
    if (kind === Kind.REGISTERED || kind === Kind.PONG) this.confirmations.handle(frame);
    else if (kind === Kind.GOODBYE) this.#reason = errorFromData(unpackMap(headOf(frame)).error);
  }

  /** Bytes that were written to the daemon and have not left yet. */
  get queuedBytes(): number {
    return this.#session.connection.queuedBytes;
  }

  /** Writes a frame to the daemon itself. */
  write(frame: Buffer): void {
    this.#session.connection.write(frame);
  }

  /** Nothing can be sent any more: whoever waits hears of it. */
  end(error: DagentError): void {
    if (this.lost !== undefined) return;
    this.lost = error;
    this.#pulse?.stop();
    this.endpoint.close(error);
    this.confirmations.fail(error);
    void this.outflow.end();
    this.names.close();
  }

  /** Sends what is left, then ends it. Who waits for something hears `error`. */
  async close(error: DagentError): Promise<void> {
    this.outflow.flush();
    this.end(error);
    this.#session.connection.close();
    await Promise.all([this.#closed, this.outflow.end()]);
  }
}
