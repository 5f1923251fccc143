/** What may be said of a call, and what is known of one that was made. */
import type { Named, ProgressReport } from '../protocol/call.ts';
import type { DagentError } from '../protocol/errors.ts';
import type { CallHandle } from './call-handle.ts';

/** What goes along with a call, whatever becomes of its answer. */
export interface CallRequest {
  /** Arguments by name. */
  readonly kws?: Named | undefined;
  /** Arguments of the constructor of the object that is called, by position and by name. */
  readonly cntr?: readonly unknown[] | undefined;
  readonly cntrKws?: Named | undefined;
  /**
   * The version of the class that this program was made for, such as `2.1`: the newest compatible
   * one is called (the same major number, not older). The newest of all when absent.
   */
  readonly version?: string | undefined;
  /** Anything: `admin.cancel` can choose calls by it, and the method sees it. */
  readonly data?: unknown;
  /** The registered service in whose name it is made. */
  readonly from?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** What may be said of a call whose answer is waited for. */
export interface CallOptions extends CallRequest {
  /** Ends the wait with E_CANCELLED, and tells the other side to stop. */
  readonly signal?: AbortSignal | undefined;
  /** Hears how far it is; `to` is whom was called. */
  onProgress?(report: ProgressReport, to: string): void;
}

/** How a call stands, as far as its caller knows. */
export type CallStatus =
  | { readonly kind: 'sent' }
  /** It waits for its turn there. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'started' }
  | { readonly kind: 'progress'; readonly report: ProgressReport }
  | { readonly kind: 'succeeded'; readonly value: unknown }
  /** It ended before it began: whom was called said no, or was not reached. */
  | { readonly kind: 'rejected'; readonly error: DagentError }
  /** It had begun. */
  | { readonly kind: 'failed'; readonly error: DagentError };

/** What may be said of a call that is followed. */
export interface StartOptions extends CallOptions {
  /** Hears each change of its status; `to` is whom was called. */
  onStatus?(status: CallStatus, to: string): void;
}

/** What may be said of a call to many. */
export interface GroupOptions extends Omit<StartOptions, 'onStatus'> {
  /** Each of them says how it stands when somebody listens. */
  readonly onStatus?: StartOptions['onStatus'] | undefined;
  /** Gets each call when it is made. */
  onStart?(handle: CallHandle): void;
  /** Calls that are unanswered at a time; GROUP_CALLS_MAX when absent. */
  readonly concurrentMax?: number | undefined;
}

/** The answer of one of many. */
export type GroupAnswer =
  | { readonly kind: 'value'; readonly to: string; readonly value: unknown }
  | { readonly kind: 'error'; readonly to: string; readonly error: DagentError };
