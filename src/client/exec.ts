/** Running a command on a node through the mesh: streams, verdict, and what to make of silence. */
import { userInfo } from 'node:os';
import type { Asking } from '../endpoint/asking.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import {
  Channel,
  type ExecResult,
  type ExecSpec,
  isTextList,
  parseExecResult,
  parseOmission,
  type Verdict,
  type Window,
} from '../protocol/exec.ts';
import { EXEC_SILENCE_MS, REQUEST_MS_MAX } from '../protocol/limits.ts';
import { pack, unpack } from '../protocol/pack.ts';
import type { Client } from './client.ts';

/** Who takes what the command writes. `done` gives leave for more. */
export interface ExecSink {
  onOutput(channel: 'stdout' | 'stderr', bytes: Buffer, done: () => void): void;
  /** The node has started it, and says what its host is called, where it was asked for that. */
  onStart?(hostNames: readonly string[]): void;
  /**
   * So many bytes come between what came last and what comes next. `hash` is that of the whole
   * stream, where the node has left them out.
   */
  onOmitted?(channel: 'stdout' | 'stderr', bytes: number, hash?: string): void;
}

/** A command that runs, or will, on one node. */
export interface RemoteCommand {
  readonly target: string;
  /** Its one verdict; never rejects. */
  readonly result: Promise<ExecResult>;
  /** False: wait for {@link RemoteCommand.drained}. */
  writeStdin(bytes: Buffer): boolean;
  endStdin(): void;
  /** Settles when more stdin is wanted, or none will ever be. */
  drained(): Promise<void>;
  /** Its terminal has another size. */
  resize?(window: Window): void;
  /** Ends its whole process group. The verdict still comes. */
  cancel(): void;
}

const VERDICT_OF: Partial<Record<ErrorCode, Verdict>> = {
  E_UNREACHABLE: 'unreachable',
  E_NO_SERVICE: 'unreachable',
  E_HOP_LIMIT: 'unreachable',
  E_LOST: 'lost',
  E_STREAM_BROKEN: 'lost',
  // Our own daemon ended the connection: what the command does now nobody tells us.
  E_CONNECTION_LOST: 'lost',
  E_FRAME_INVALID: 'lost',
  E_FRAME_TOO_LONG: 'lost',
  E_FRAME_UNEXPECTED: 'lost',
  E_LEAVING: 'lost',
  E_SLOW_PEER: 'lost',
  E_DEADLINE: 'no-reply',
};

/** What we call a stream. */
function nameOf(channel: number): 'stdout' | 'stderr' {
  return channel === Channel.STDOUT ? 'stdout' : 'stderr';
}

/** Hands on a piece of what a node sends: output, or what it left out of it. */
function takePiece(sink: ExecSink, channel: number, bytes: Buffer, done: () => void): void {
  if (channel !== Channel.OMITTED) return sink.onOutput(nameOf(channel), bytes, done);
  const omission = parseOmission(unpack(bytes));
  if (omission !== undefined) {
    sink.onOmitted?.(nameOf(omission.channel), omission.bytes, omission.hash);
  }
  done();
}

/** An id for a run that no other has. (node:crypto takes longer to load than a run takes.) */
export function drawRunId(): string {
  const half = (): string => Math.random().toString(16).slice(2, 12).padEnd(10, '0');
  return `${half()}${half()}`;
}

/** The account that runs us; undefined for one without a name. */
export function findOwnName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** The verdict on a target that answered with an error, or did not answer. */
export function verdictOf(code: ErrorCode): Verdict {
  return VERDICT_OF[code] ?? 'failed';
}

/** The verdict on a target of which nothing is known but this error. */
export function resultOf(error: DagentError, ms: number): ExecResult {
  const verdict = VERDICT_OF[error.code] ?? 'not-started';
  const code = verdict === 'not-started' ? { code: 125 } : {};
  const via = error.origin === undefined ? {} : { via: error.origin };
  return { verdict, reason: error.message, ms, ...via, ...code };
}

/** A command that is not sent to its target: `error` is why. */
export function unsentCommand(target: string, error: DagentError): RemoteCommand {
  return {
    target,
    result: Promise.resolve(resultOf(error, 0)),
    writeStdin: () => true,
    endStdin: () => undefined,
    drained: () => Promise.resolve(),
    cancel: () => undefined,
  };
}

interface Patience {
  /** The node said something. */
  heard(): void;
  stop(): void;
  /** Whether it was given up because it did not say in time that it has the command. */
  isLate(): boolean;
}

/** Gives up a node that says nothing at first within `connectMs`, or later for too long. */
export function watchPatience(
  asking: Asking,
  target: string,
  connectMs: number | undefined,
): Patience {
  const giveUp = (ms: number): void => {
    asking.cancel();
    asking.fail(new DagentError('E_DEADLINE', { to: target, ms }));
  };
  let isLate = false;
  const silence = setTimeout(() => giveUp(EXEC_SILENCE_MS), EXEC_SILENCE_MS);
  const connecting =
    connectMs === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true;
          giveUp(connectMs);
        }, connectMs);
  return {
    heard(): void {
      clearTimeout(connecting);
      silence.refresh();
    },
    stop(): void {
      clearTimeout(connecting);
      clearTimeout(silence);
    },
    isLate: () => isLate,
  };
}

/** What of a command the caller looks after itself. */
export interface CommandOptions {
  /** Milliseconds within which the node must say that it has it; EXEC_SILENCE_MS otherwise. */
  readonly connectMs?: number | undefined;
}

/**
 * Starts `spec` on the node `target`. Throws E_ADDRESS_INVALID, E_TOO_LARGE; all else is its
 * verdict.
 */
export function startCommand(
  client: Client,
  target: string,
  { connectMs, ...spec }: ExecSpec & CommandOptions,
  sink: ExecSink,
): RemoteCommand {
  const asking = client.openCall(`${target}:`, 'exec.run', [spec], REQUEST_MS_MAX);
  const startedAtMs = performance.now();
  let wakeStdin: (() => void)[] = [];
  let isOver = false;
  const wake = (): void => {
    for (const each of wakeStdin) each();
    wakeStdin = [];
  };
  const patience = watchPatience(asking, target, connectMs);
  const { heard } = patience;
  asking.onDrain = wake;
  asking.onProgress = (value) => {
    heard();
    const { state, host } = (value ?? {}) as { state?: unknown; host?: unknown };
    if (state === 'started') sink.onStart?.(isTextList(host) ? host : []);
  };
  asking.onData = (channel, bytes) => {
    heard();
    takePiece(sink, channel, bytes, () => asking.grant(bytes.length));
  };
  const settle = (result: ExecResult): ExecResult => {
    isOver = true;
    patience.stop();
    wake();
    return result;
  };
  const elapsedMs = (): number => Math.round(performance.now() - startedAtMs);
  const result = asking.outcome.then(
    ({ data }) => {
      const parsed = parseExecResult(decodeValue(data));
      const reason = 'the answer is no verdict';
      return settle(parsed ?? { verdict: 'not-started', code: 125, reason, ms: elapsedMs() });
    },
    (error: DagentError) => {
      const late = { verdict: 'timeout', limit: 'connect', ms: elapsedMs() } as const;
      return settle(patience.isLate() ? late : resultOf(error, elapsedMs()));
    },
  );
  return {
    target,
    result,
    writeStdin: (bytes) => isOver || asking.write(Channel.STDIN, bytes),
    endStdin: () => asking.end(Channel.STDIN),
    drained: () =>
      isOver || !asking.hasQueued
        ? Promise.resolve()
        : new Promise((resolve) => wakeStdin.push(resolve)),
    resize({ columns, rows }): void {
      if (!isOver) asking.write(Channel.WINDOW, pack({ columns, rows }));
    },
    cancel: () => asking.cancel(),
  };
}
