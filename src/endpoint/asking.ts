/** The end of an exchange that asks, and waits for its one outcome. */
import { toText } from '../base/text.ts';
import { parseAddress } from '../protocol/address.ts';
import { DagentError, type ErrorValues, errorFromData } from '../protocol/errors.ts';
import { At, bodyOf, encodeTimeout, headOf, Kind, readNodeKey } from '../protocol/frame.ts';
import { unpackMap } from '../protocol/pack.ts';
import { Exchange, type ExchangeAddress, type SendFrame } from './exchange.ts';
import { readParams } from './incoming.ts';

const EMPTY = Buffer.alloc(0);

/** The successful outcome of a request. */
export interface Reply {
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** The end that asked. */
export class Asking extends Exchange {
  /** Called when the answering side says how far it is. */
  onProgress: (value: unknown) => void = () => undefined;
  /** Called when a node on the way says where a traced request went: see protocol/traced.ts. */
  onTraced: (head: Readonly<Record<string, unknown>>) => void = () => undefined;
  /** The one outcome: the reply, or a DagentError. */
  readonly outcome: Promise<Reply>;
  #resolve: (reply: Reply) => void = () => undefined;
  #reject: (error: DagentError) => void = () => undefined;

  readonly #to: string;

  /** `to` is the destination as the asker wrote it. */
  constructor(address: ExchangeAddress, send: SendFrame, to: string) {
    super(address, send, 0);
    this.#to = to;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who only listens to the streams has not to handle the outcome as well.
    this.outcome.catch(() => undefined);
  }

  /** Sends the request itself. */
  open(
    kind: Kind,
    more: { timeoutMs?: number | undefined; flags?: number },
    head: Buffer,
    body: Buffer,
  ): void {
    const timeout = more.timeoutMs === undefined ? 0 : encodeTimeout(more.timeoutMs);
    this.sendFrame(kind, { timeout, flags: more.flags ?? 0 }, head, body);
  }

  /** Tells the answering side to stop. The outcome still comes from there. */
  cancel(): void {
    if (!this.isOver) this.sendFrame(Kind.CANCEL, {}, EMPTY, EMPTY);
  }

  /** Ends the exchange from this side: what still comes is not heard. */
  fail(error: DagentError): void {
    this.isOver = true;
    this.#reject(error);
  }

  /**
   * Routers see keys, not names: where an error speaks of the destination, it is the one asked for.
   */
  #explain(error: DagentError): DagentError {
    const service = parseAddress(this.#to)?.service ?? '';
    const { code, values, details, origin } = error;
    const more = { details, ...(origin === undefined ? {} : { origin }) };
    const named: ErrorValues = code === 'E_NO_SERVICE' ? { service } : {};
    return new DagentError(code, { ...values, to: this.#to, ...named }, more);
  }

  protected override handleHole(): void {
    this.cancel();
    this.fail(new DagentError('E_STREAM_BROKEN', { to: this.#to }));
  }

  /** What follows goes to the node that has begun to answer, whoever is nearest by then. */
  #settleOn(frame: Buffer): void {
    if (this.address.toNode !== 0) return;
    this.address = { ...this.address, toNode: readNodeKey(frame, At.FROM_NODE) };
  }

  /** Handles a frame of this exchange; true when it was the last. */
  handle(frame: Buffer): boolean {
    const kind = frame[At.KIND];
    if (this.isOver) return kind === Kind.REPLY || kind === Kind.REJECT;
    if (kind === Kind.TRACED) {
      this.onTraced(unpackMap(headOf(frame)));
      return false;
    }
    this.#settleOn(frame);
    if (this.handleStream(frame)) return false;
    const head = unpackMap(headOf(frame));
    switch (kind) {
      case Kind.PROGRESS:
        this.onProgress(head.value);
        return false;
      case Kind.REPLY:
        if (!this.isWhole(frame)) {
          this.handleHole();
          return true;
        }
        this.isOver = true;
        this.#resolve({
          command: toText(head.cmd),
          params: readParams(head.params),
          data: bodyOf(frame),
        });
        return true;
      case Kind.REJECT:
        this.fail(this.#explain(errorFromData(head.error)));
        return true;
      default:
        return false;
    }
  }
}
