/** What goes into the supervision of a plugin and what comes out: the whole of its contact. */
import type { ErrorData } from '../protocol/errors.ts';
import type { PluginHello } from './hello.ts';
import type { PluginFault, PluginFlag } from './lines.ts';

export type PluginInput =
  /** Time has passed: at the latest at the instant of the last `wake`. */
  | { readonly kind: 'tick' }
  /** The process runs. */
  | { readonly kind: 'spawned'; readonly pid: number }
  /** It could not be started. */
  | { readonly kind: 'notStarted'; readonly reason: string }
  | { readonly kind: 'output'; readonly channel: 'stdout' | 'stderr'; readonly bytes: Buffer }
  /** What was written has gone into its stdin. */
  | { readonly kind: 'drained' }
  /** It has closed its stdin. */
  | { readonly kind: 'deaf' }
  | { readonly kind: 'memory'; readonly bytes: number }
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  /** The hello of a `greeted` output is taken, or why it is not. */
  | { readonly kind: 'accepted'; readonly hello: PluginHello }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Ask it something; `line` has what follows `id`. The outcome is one `settle`. */
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly type: 'call' | 'request';
      /** For people. */
      readonly method: string;
      readonly timeoutMs: number;
      readonly line: object;
    }
  /** Nobody waits for the answer any more. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'tell'; readonly type: 'message' | 'event'; readonly line: object }
  /** Start it anew: its file has changed, or an operator says so. */
  | { readonly kind: 'restart' }
  | { readonly kind: 'stop' };

export type PluginOutput =
  | { readonly kind: 'spawn' }
  | { readonly kind: 'write'; readonly bytes: Buffer }
  | { readonly kind: 'endStdin' }
  | { readonly kind: 'kill'; readonly signal: 'SIGTERM' | 'SIGKILL' }
  /** Stop, or go on with, reading its output. */
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  /** It has said hello: answer with `accepted` or `refused`. */
  | { readonly kind: 'greeted'; readonly hello: PluginHello }
  /** It runs: give it its services and topics. */
  | { readonly kind: 'up'; readonly hello: PluginHello }
  /** It takes nothing new: take the services and topics back. */
  | { readonly kind: 'leave' }
  /** Its process is gone, or as good as gone. */
  | { readonly kind: 'down' }
  | { readonly kind: 'settle'; readonly id: number; readonly outcome: PluginOutcome }
  | { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
  /** It raises or lowers a flag. */
  | { readonly kind: 'flag'; readonly flag: PluginFlag }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** Step with a tick at this instant; replaces the former wish. */
  | { readonly kind: 'wake'; readonly atMs: number }
  /** It was to stop, and has. */
  | { readonly kind: 'ended' };

/** What became of what was asked. */
export type PluginOutcome =
  | { readonly value: unknown }
  /** It raised something. */
  | { readonly fault: PluginFault }
  | { readonly error: ErrorData };
