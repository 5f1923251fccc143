/** The end of an exchange that asks, and waits for its one outcome. */

import { toText } from '../base/text.ts';
import { viewOf } from '../base/view.ts';
import { parseAddress } from '../protocol/address.ts';
import { DagentError, type ErrorValues, errorFromData } from '../protocol/errors.ts';
import { At, bodyOf, headOf, Kind, readNodeKey } from '../protocol/frame.ts';
import { unpackMap } from '../protocol/pack.ts';
import { Exchange, type ExchangeAddress, type ExchangeSink } from './exchange.ts';
import { readParams } from './incoming.ts';

const EMPTY = Buffer.alloc(0);
const NO_PLACE = {};

/** The successful outcome of a request. */
export interface Reply {
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

/** Parameters of an answer without a head. */
const NO_PARAMS: Reply['params'] = Object.freeze({});

/** The end that asked. */
export class Asking extends Exchange {
  /** The destination as the asker wrote it. */
  readonly to: string;
  /** Asked for before it was known whom to tell. */
  #isCancelled = false;
  #hasInquired = false;
  /** What became of it, once that is known. */
  #reply: Reply | undefined;
  #error: DagentError | undefined;
  #outcome: Promise<Reply> | undefined;
  #resolve: ((reply: Reply) => void) | undefined;
  #reject: ((error: DagentError) => void) | undefined;

  /** The endpoint sends the request itself. */
  constructor(address: ExchangeAddress, number: number, sink: ExchangeSink, to: string) {
    super(address, number, sink, 0);
    this.to = to;
  }

  /** Called when the answering side says how far it is; `status` is what it says of a call. */
  onProgress(_value: unknown, _status: unknown): void {}

  /** Called when a node on the way says where a traced request went: see protocol/traced.ts. */
  onTraced(_head: Readonly<Record<string, unknown>>): void {}

  /** The one outcome: the reply, or a DagentError. */
  get outcome(): Promise<Reply> {
    if (this.#outcome === undefined) {
      this.#outcome = new Promise((resolve, reject) => this.whenOver(resolve, reject));
      // Who only listens to the streams has not to handle the outcome as well.
      this.#outcome.catch(() => undefined);
    }
    return this.#outcome;
  }

  /**
   * Calls one of the two with the outcome, at once when it is there. Once for each exchange, and
   * instead of {@link outcome}: it saves the promises where there are many requests.
   */
  whenOver(resolve: (reply: Reply) => void, reject: (error: DagentError) => void): void {
    if (this.#reply !== undefined) {
      resolve(this.#reply);
    } else if (this.#error !== undefined) {
      reject(this.#error);
    } else {
      this.#resolve = resolve;
      this.#reject = reject;
    }
  }

  /** Tells the answering side to stop. The outcome still comes from there. */
  cancel(): void {
    if (this.isOver) return;
    if (this.isWaiting()) this.#isCancelled = true;
    else this.#sendCancel();
  }

  #sendCancel(): void {
    this.sendFrame(Kind.CANCEL, NO_PLACE, EMPTY, EMPTY);
  }

  /**
   * What belongs to a request for the nearest of a service must reach the very node that took it.
   * Ours tells which one that is, or that one does so itself.
   */
  protected override isWaiting(): boolean {
    if (this.address.toNode !== 0) return false;
    if (!this.#hasInquired) this.sendFrame(Kind.TAKEN, NO_PLACE, EMPTY, EMPTY);
    this.#hasInquired = true;
    return true;
  }

  /** Ends the exchange from this side: what still comes is not heard. */
  fail(error: DagentError): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#error = error;
    this.#reject?.(error);
  }

  /**
   * Routers see keys, not names: where an error speaks of the destination, it is the one asked for.
   */
  #explain(error: DagentError): DagentError {
    const service = parseAddress(this.to)?.service ?? '';
    const data = error.toData();
    const named: ErrorValues = data.code === 'E_NO_SERVICE' ? { service } : {};
    return errorFromData({ ...data, values: { ...data.values, to: this.to, ...named } });
  }

  protected override handleHole(): void {
    this.cancel();
    this.fail(new DagentError('E_STREAM_BROKEN', { to: this.to }));
  }

  /** What follows goes to the node that has begun to answer, whoever is nearest by then. */
  #settleOn(frame: Buffer): void {
    if (this.address.toNode !== 0) return;
    // A router on the way speaks for itself, in the name of no service.
    if (frame.readUInt32BE(At.FROM_SERVICE) !== this.address.toService) return;
    this.address = { ...this.address, toNode: readNodeKey(viewOf(frame), At.FROM_NODE) };
    if (this.#isCancelled) this.#sendCancel();
    this.pumpAgain();
  }

  #succeed(frame: Buffer): void {
    this.isOver = true;
    const hasHead = frame.readUInt16BE(At.HEAD_LENGTH) > 0;
    const head = hasHead ? unpackMap(headOf(frame)) : undefined;
    this.#reply = {
      command: head === undefined ? '' : toText(head.cmd),
      params: head === undefined ? NO_PARAMS : readParams(head.params),
      data: bodyOf(frame),
    };
    this.#resolve?.(this.#reply);
  }

  /** Handles a frame of this exchange; true when it was the last. */
  handle(frame: Buffer): boolean {
    const kind = frame[At.KIND];
    if (this.isOver) {
      const isLast = kind === Kind.REPLY || kind === Kind.REJECT;
      // Who gave up without waiting has still to tell the one that is at work.
      if (this.#isCancelled && !isLast) this.#settleOn(frame);
      return isLast;
    }
    if (kind === Kind.PROBE) {
      if (this.address.toNode !== 0) this.compare();
      return false;
    }
    if (kind === Kind.TRACED) {
      this.onTraced(unpackMap(headOf(frame)));
      return false;
    }
    this.#settleOn(frame);
    if (this.handleStream(frame)) return false;
    switch (kind) {
      case Kind.PROGRESS: {
        const { value, status } = unpackMap(headOf(frame));
        this.onProgress(value, status);
        return false;
      }
      case Kind.REPLY:
        if (this.isWhole(frame)) this.#succeed(frame);
        else this.handleHole();
        return true;
      case Kind.REJECT:
        this.fail(this.#explain(errorFromData(unpackMap(headOf(frame)).error)));
        return true;
      default:
        return false;
    }
  }
}
