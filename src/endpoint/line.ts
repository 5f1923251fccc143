/**
 * One connection of an endpoint: the one to its daemon, or a direct one to another program of the
 * same node. What is asked by a line is answered by it.
 */
import { NumberTable } from '../base/number-table.ts';
import { DagentError } from '../protocol/errors.ts';
import type { FrameHeader } from '../protocol/frame.ts';
import { PENDING_PER_LINK_MAX, REQUEST_MS_DEFAULT } from '../protocol/limits.ts';
import type { Answering } from './answering.ts';
import { AnsweringTable } from './answering-table.ts';
import type { Asking } from './asking.ts';
import type { Flow } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { type FrameSink, FrameWriter } from './frame-writer.ts';

/**
 * What a direct line takes, by its prefix, besides answers: there is no daemon that vouches for the
 * sender. Null for the line to the daemon, which takes all.
 */
export type Admits = ((header: FrameHeader) => boolean) | null;

/** When a request by a direct line is over: no daemon looks after it. */
interface Deadline {
  readonly asking: Asking;
  readonly timeoutMs: number;
  /** Counted from the first look at it. */
  atMs: number | undefined;
}

export class Line {
  readonly admits: Admits;
  readonly writer: FrameWriter;
  readonly flows: FlowTable<Flow>;
  readonly asking = new NumberTable<Asking>();
  readonly answering = new AnsweringTable();
  /** Messages and requests that came by it. */
  receivedCount = 0;
  /** Called when an exchange has ended, while somebody waits for that. */
  onSettled: (() => void) | undefined;
  readonly #deadlines = new NumberTable<Deadline>();

  /** `read` works out what a frame that came by it means. */
  constructor(sink: FrameSink, admits: Admits, read: (frame: Buffer, line: Line) => Flow) {
    this.admits = admits;
    this.writer = new FrameWriter(sink);
    this.flows = new FlowTable((frame) => read(frame, this));
  }

  /** Bytes that were written and have not left yet. To be replaced by who knows. */
  queuedBytes(): number {
    return 0;
  }

  get isDirect(): boolean {
    return this.admits !== null;
  }

  /** Notes a request of a direct line; false, and it has failed, when there are too many. */
  watch(asking: Asking, timeoutMs: number = REQUEST_MS_DEFAULT): boolean {
    if (this.asking.size >= PENDING_PER_LINK_MAX) {
      asking.fail(new DagentError('E_TOO_MANY_REQUESTS', { max: PENDING_PER_LINK_MAX }));
      return false;
    }
    this.#deadlines.set(asking.number, { asking, timeoutMs, atMs: undefined });
    return true;
  }

  /** A frame of an exchange that was asked by this line. */
  takeResponse(number: number, frame: Buffer): void {
    if (this.asking.get(number)?.handle(frame) !== true) return;
    this.asking.delete(number);
    if (this.isDirect) this.#deadlines.delete(number);
    this.onSettled?.();
  }

  /** Nobody waits for the outcome of a request any more. */
  forget(number: number): void {
    this.asking.delete(number);
    this.onSettled?.();
  }

  /** Opens what this side answers. */
  open(answering: Answering): void {
    this.answering.add(answering);
    answering.onOver = this.#forget;
  }

  readonly #forget = (answering: Answering): void => {
    this.answering.remove(answering);
    this.onSettled?.();
  };

  /** Whether no exchange is open, in either direction. */
  get isIdle(): boolean {
    return this.asking.size === 0 && this.answering.isEmpty;
  }

  /** Ends the requests by a direct line whose time is over. */
  expire(nowMs: number): void {
    for (const [number, deadline] of this.#deadlines) {
      const { asking, timeoutMs } = deadline;
      deadline.atMs ??= nowMs + timeoutMs;
      if (deadline.atMs > nowMs) continue;
      asking.cancel();
      asking.fail(new DagentError('E_DEADLINE', { to: asking.to, ms: timeoutMs }));
      this.asking.delete(number);
      this.#deadlines.delete(number);
    }
  }

  /** The connection is gone: every exchange ends. `errorOf` says with what, by its destination. */
  end(errorOf: (to: string) => DagentError): void {
    for (const asking of this.asking.values()) asking.fail(errorOf(asking.to));
    for (const answering of this.answering.all()) answering.abandon();
    this.asking.clear();
    this.answering.clear();
    this.#deadlines.clear();
    this.onSettled?.();
  }
}
