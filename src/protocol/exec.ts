/** What a command is asked for with, and what became of it: the words of `exec.run`. */

/** Streams of the exchange. */
export const Channel = { STDIN: 0, STDOUT: 1, STDERR: 2 } as const;

export interface ExecSpec {
  /** Program and arguments; no shell looks at them. */
  readonly argv: readonly string[];
  /** Milliseconds until its process group is killed; none when absent. */
  readonly timeoutMs?: number;
  /** Whether the caller will send stdin; the command sees its end at once otherwise. */
  readonly hasStdin: boolean;
  /** Whether the caller wants to know the names and addresses of the host. */
  readonly tellsHost?: boolean;
}

/** Whether a decoded value is a list of texts. */
export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/**
 * Exactly one per target. The first six come from the node itself, the others from the way there.
 */
export const VERDICTS = [
  'ok',
  'failed',
  'signaled',
  'timeout',
  'cancelled',
  'not-started',
  'unreachable',
  'no-reply',
  'denied',
  'lost',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface ExecResult {
  readonly verdict: Verdict;
  readonly code?: number;
  readonly signal?: string;
  /** Why, where the verdict alone does not say. */
  readonly reason?: string;
  /** Time from its start to its end, measured where it ran. */
  readonly ms: number;
}

/** The result in a decoded value, or undefined when it is not one. */
export function parseExecResult(value: unknown): ExecResult | undefined {
  const { verdict, code, signal, reason, ms } = (value ?? {}) as Record<keyof ExecResult, unknown>;
  if (!VERDICTS.includes(verdict as Verdict) || typeof ms !== 'number') return undefined;
  return {
    verdict: verdict as Verdict,
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof signal === 'string' ? { signal } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ms,
  };
}
