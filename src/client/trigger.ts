/** A call that is ready, and sent when it is told to. */
import type { CallHandle } from './call-handle.ts';

export class Trigger {
  /** Whom it will be made to. */
  readonly to: string;
  readonly #send: () => CallHandle;
  #handle: CallHandle | undefined;

  constructor(to: string, send: () => CallHandle) {
    this.to = to;
    this.#send = send;
  }

  /** The call, once it was sent. */
  get handle(): CallHandle | undefined {
    return this.#handle;
  }

  /** Sends it. Once: after that, the same handle again. Throws E_ADDRESS_INVALID. */
  fire(): CallHandle {
    this.#handle ??= this.#send();
    return this.#handle;
  }
}
