/** The answering end of a call whose asker does not wait: its outcome stays here. */
import type { ErrorData } from '../protocol/errors.ts';
import { Answering } from './answering.ts';
import type { Incoming } from './incoming.ts';

/** How a call ended. */
export type CallOutcome =
  | { readonly kind: 'returned'; readonly data: Buffer }
  | { readonly kind: 'threw'; readonly error: ErrorData };

const NOWHERE = { toNode: 0, toService: 0, fromNode: 0, fromService: 0, seed: 0 };
const EMPTY = Buffer.alloc(0);
const SILENT = { write: () => undefined };

export class Unheard extends Answering {
  readonly #settle: (outcome: CallOutcome) => void;

  /** `settle` hears how it ended, once. */
  constructor(request: Incoming, settle: (outcome: CallOutcome) => void) {
    super(NOWHERE, 0, SILENT, request);
    this.#settle = settle;
    // What is streamed has no reader.
    this.discardStreams();
  }

  override reply({ data }: { readonly data?: Buffer } = {}): void {
    this.#end({ kind: 'returned', data: data ?? EMPTY });
  }

  override reject(error: ErrorData): void {
    this.#end({ kind: 'threw', error });
  }

  override progress(): void {}

  #end(outcome: CallOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#settle(outcome);
  }
}
