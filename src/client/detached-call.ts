/** A call that runs on without its caller: asked after, and picked up, by its id. */
import type { CallRecord } from '../endpoint/running-call.ts';
import type { CallOptions } from './call-options.ts';

/** How its service is called. */
export type CallBack = (
  method: string,
  args: readonly unknown[],
  options?: CallOptions,
) => Promise<unknown>;

export class DetachedCall {
  /** The service that has it, `node:service`. */
  readonly service: string;
  readonly sn: string;
  readonly #call: CallBack;

  constructor(service: string, sn: string, call: CallBack) {
    this.service = service;
    this.sn = sn;
    this.#call = call;
  }

  /** How it stands now. Throws E_CALL_UNKNOWN when it ended too long ago. */
  async poll(): Promise<CallRecord> {
    return (await this.#call('admin.poll', [this.sn])) as CallRecord;
  }

  /** Waits for its value. Throws what it threw, and E_CALL_UNKNOWN. */
  result(options: Pick<CallOptions, 'signal' | 'timeoutMs'> = {}): Promise<unknown> {
    return this.#call('admin.result', [this.sn], options);
  }

  /** Tells it to stop; false when it does not run any more. */
  async cancel(): Promise<boolean> {
    const cancelled = await this.#call('admin.cancel', [this.sn]);
    return Array.isArray(cancelled) && cancelled.length > 0;
  }
}
