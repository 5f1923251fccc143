/** A call that was made: its status, its result, and how to cancel it. */
import type { Asking, Reply } from '../endpoint/asking.ts';
import { formatSn } from '../endpoint/incoming.ts';
import { parseProgress } from '../protocol/call.ts';
import { DagentError } from '../protocol/errors.ts';
import type { CallStatus, StartOptions } from './call-options.ts';
import { readResult } from './prepared-call.ts';

export class CallHandle {
  /** Its id: 16 hexadecimal digits. */
  readonly sn: string;
  /** Whom it was made to. */
  readonly to: string;
  /** Its value. Rejects with what it threw, or what became of it otherwise. */
  readonly result: Promise<unknown>;
  readonly #asking: Asking;
  readonly #options: StartOptions;
  #status: CallStatus = { kind: 'sent' };

  constructor(asking: Asking, method: string, options: StartOptions) {
    this.#asking = asking;
    this.#options = options;
    this.sn = formatSn(asking.address.seed, asking.number);
    this.to = asking.to;
    asking.onProgress = (value, status) => this.#hear(value, status);
    this.result = new Promise((resolve, reject) => {
      asking.whenOver(
        (reply) => this.#end(reply, resolve, reject),
        (error) => this.#fail(error, reject),
      );
    });
    // Who only looks at the status has not to handle the result as well.
    this.result.catch(() => undefined);
    if (options.signal !== undefined) this.#heed(options.signal, method);
  }

  /** How it stands, as far as is known here. */
  get status(): CallStatus {
    return this.#status;
  }

  /** Tells the other side to stop. Its method decides what comes of it; the result tells. */
  cancel(): void {
    this.#asking.cancel();
  }

  #heed(signal: AbortSignal, method: string): void {
    const give = (): void => {
      this.#asking.cancel();
      this.#asking.fail(new DagentError('E_CANCELLED', { method, to: this.to }));
    };
    if (signal.aborted) return give();
    signal.addEventListener('abort', give, { once: true });
    const leave = (): void => signal.removeEventListener('abort', give);
    this.result.then(leave, leave);
  }

  #turn(status: CallStatus): void {
    this.#status = status;
    this.#options.onStatus?.(status, this.to);
  }

  #hear(value: unknown, status: unknown): void {
    if (status === 'accepted' || status === 'started') {
      this.#turn({ kind: status });
    } else if (status === 'progress') {
      const report = parseProgress(value);
      this.#options.onProgress?.(report, this.to);
      this.#turn({ kind: 'progress', report });
    }
  }

  #end({ data }: Reply, resolve: (value: unknown) => void, reject: (error: Error) => void): void {
    let value: unknown;
    try {
      value = readResult(data);
    } catch (error) {
      this.#fail(error as DagentError, reject);
      return;
    }
    this.#turn({ kind: 'succeeded', value });
    resolve(value);
  }

  #fail(error: DagentError, reject: (error: Error) => void): void {
    const hasBegun = this.#status.kind === 'started' || this.#status.kind === 'progress';
    this.#turn({ kind: hasBegun ? 'failed' : 'rejected', error });
    reject(error);
  }
}
