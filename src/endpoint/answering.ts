/** The end of an exchange that answers. */
import { viewOf } from '../base/view.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { At, Flag, Kind, readNodeKey } from '../protocol/frame.ts';
import { BODY_BYTES_MAX, HEAD_BYTES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { Exchange, type ExchangeAddress, type ExchangeSink } from './exchange.ts';
import type { Incoming } from './incoming.ts';

const EMPTY = Buffer.alloc(0);
const NO_PLACE = {};
/** What is left of a text in an error that is too long to travel, in characters. */
const TEXT_LENGTH_MAX = 1024;
/** How many values are left of it: all of ours have fewer. */
const VALUES_COUNT_MAX = 16;

function check(what: string, bytes: number, max: number): void {
  if (bytes > max) throw new DagentError('E_TOO_LARGE', { what, bytes, max });
}

/** The head of a REJECT. An error must arrive: one that is too long is cut. */
function encodeError(error: ErrorData): Buffer {
  const head = pack({ error });
  if (head.length <= HEAD_BYTES_MAX) return head;
  const values = Object.entries(error.values)
    .slice(0, VALUES_COUNT_MAX)
    .map(([name, value]) => [name, String(value).slice(0, TEXT_LENGTH_MAX)]);
  const { code, origin } = error;
  return pack({ error: { code, values: Object.fromEntries(values), origin } });
}

/** The end that answers. */
export class Answering extends Exchange {
  readonly request: Incoming;
  #outcome: (() => void) | undefined;
  #isCancelled = false;

  constructor(address: ExchangeAddress, number: number, sink: ExchangeSink, request: Incoming) {
    super(address, number, sink, Flag.RESPONSE);
    this.request = request;
  }

  /** Whether nobody waits for the outcome any more: what was not begun yet need not be. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  #cancel(): void {
    this.#isCancelled = true;
    this.onCancel();
  }

  /** Called when nobody waits for the outcome any more. `reject` is then the only thing to do. */
  onCancel(): void {}

  /** Called when the outcome is on its way: the endpoint forgets the exchange. */
  onOver(_answering: Answering): void {}

  /** Whether a frame comes from the side that asked, and not from one that knows the id only. */
  isFromAsker(frame: Buffer): boolean {
    const { toNode, toService } = this.address;
    if (frame.readUInt32BE(At.FROM_SERVICE) !== toService) return false;
    // Also a node on the way cancels, when it sees that nobody can hear the answer any more.
    return frame[At.KIND] === Kind.CANCEL || readNodeKey(viewOf(frame), At.FROM_NODE) === toNode;
  }

  /**
   * Ends the exchange well, after what was written to its streams. Throws E_TOO_LARGE; the exchange
   * is as it was then.
   */
  reply(result: { command?: string; params?: Record<string, string>; data?: Buffer } = {}): void {
    const { command, params, data } = result;
    const head =
      command === undefined && params === undefined ? EMPTY : pack({ cmd: command, params });
    check('the head of the answer', head.length, HEAD_BYTES_MAX);
    check('the answer', data?.length ?? 0, BODY_BYTES_MAX);
    if (this.#outcome !== undefined || this.isOver) return;
    if (this.hasQueued) this.#outcome = () => this.#reply(head, data ?? EMPTY);
    else this.#reply(head, data ?? EMPTY);
  }

  /** Ends the exchange with an error. */
  reject(error: ErrorData): void {
    if (this.#outcome !== undefined || this.isOver) return;
    if (this.hasQueued) this.#outcome = () => this.#reject(error);
    else this.#reject(error);
  }

  /**
   * Says how far it is, or just that it is alive; `status` is what is said of a call. Throws
   * E_TOO_LARGE.
   */
  progress(value: unknown, status?: string): void {
    const head = pack(status === undefined ? { value } : { value, status });
    check('the progress', head.length, HEAD_BYTES_MAX);
    if (!this.isOver) this.sendFrame(Kind.PROGRESS, NO_PLACE, head, EMPTY);
  }

  /** The connection is gone: nothing can be answered any more. */
  abandon(): void {
    if (this.isOver) return;
    this.#cancel();
    this.isOver = true;
  }

  #reply(head: Buffer, data: Buffer): void {
    this.sendFrame(Kind.REPLY, { count: this.sentCount }, head, data);
    this.#end();
  }

  #reject(error: ErrorData): void {
    this.sendFrame(Kind.REJECT, NO_PLACE, encodeError(error), EMPTY);
    this.#end();
  }

  #end(): void {
    this.isOver = true;
    this.onOver(this);
  }

  #finishIfDrained(): void {
    if (!this.isOver && !this.hasQueued) this.#outcome?.();
  }

  protected override handleHole(): void {
    this.discardStreams();
    this.#cancel();
    this.reject({ code: 'E_STREAM_BROKEN', values: { to: this.request.to } });
  }

  handle(frame: Buffer): void {
    if (this.handleStream(frame)) {
      this.#finishIfDrained();
    } else if (frame[At.KIND] === Kind.CANCEL) {
      // What is still queued has no reader: it must not hold up the outcome.
      this.discardStreams();
      this.#cancel();
      this.#finishIfDrained();
    }
  }
}
