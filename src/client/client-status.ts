/** What a program is told of its connection to its daemon. */
import type { DagentError } from '../protocol/errors.ts';

export type ClientStatus =
  /** The connection stands, and what the program had at its daemon before it has again. */
  | { readonly kind: 'connected'; readonly node: string; readonly url: string }
  /** It answers nothing, as when it is stopped or hangs. Nothing ends by that. */
  | { readonly kind: 'silent'; readonly node: string; readonly error: DagentError }
  /** It was silent, and is not any more. */
  | { readonly kind: 'answering'; readonly node: string }
  /** It was lost. Requests without an outcome have failed with this error. */
  | { readonly kind: 'disconnected'; readonly error: DagentError }
  /** Dialling has failed; the next attempt is in `waitMs`. `attempt` counts from 1. */
  | {
      readonly kind: 'retrying';
      readonly attempt: number;
      readonly waitMs: number;
      readonly error: DagentError;
    }
  /** A name or a pattern that the program had is not given back to it; that is tried again. */
  | {
      readonly kind: 'refused';
      readonly what: 'service' | 'pattern';
      readonly name: string;
      readonly error: DagentError;
    }
  /** It is over; with the error when the program has not ended it. */
  | { readonly kind: 'closed'; readonly error: DagentError | undefined };
