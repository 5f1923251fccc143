/** What a command is asked for with, and what became of it: the words of `exec.run`. */

import { EXEC_WINDOW_MAX } from './limits-exec.ts';
import type { Ulimits } from './ulimit.ts';

/**
 * Streams of the exchange. On OMITTED the node says what of the others it leaves out; on WINDOW its
 * caller says that a terminal has another size.
 */
export const Channel = { STDIN: 0, STDOUT: 1, STDERR: 2, OMITTED: 3, WINDOW: 4 } as const;

/** The size of a terminal. */
export interface Window {
  readonly columns: number;
  readonly rows: number;
}

/** The size in a decoded value, or undefined when it is none. */
export function parseWindow(value: unknown): Window | undefined {
  const { columns, rows } = (value ?? {}) as Record<keyof Window, unknown>;
  const isSize = (each: unknown): each is number =>
    Number.isInteger(each) && Number(each) > 0 && Number(each) <= EXEC_WINDOW_MAX;
  return isSize(columns) && isSize(rows) ? { columns, rows } : undefined;
}

/** A terminal as the command sees it. */
export interface Terminal extends Window {
  /** The kind of it: TERM. */
  readonly name: string;
}

/** The terminal in a decoded value, or undefined when it is none. */
export function parseTerminal(value: unknown): Terminal | undefined {
  const size = parseWindow(value);
  const { name } = (value ?? {}) as { name?: unknown };
  const isName = typeof name === 'string' && /^[\w.+-]{1,64}$/.test(name);
  return size !== undefined && isName ? { ...size, name } : undefined;
}

export interface ExecSpec {
  /** Program and arguments, or the arguments of `script`; no shell looks at them. */
  readonly argv: readonly string[];
  /** Whether {host}, {rank} and {count} in them stand for what they are at the node. */
  readonly isTemplate?: boolean;
  /** Milliseconds until its process group is killed; none when absent. */
  readonly timeoutMs?: number;
  /** Milliseconds that are left of the whole run: the same, but told as another limit. */
  readonly overallMs?: number;
  /** Milliseconds between TERM and KILL; EXEC_GRACE_MS when absent. */
  readonly graceMs?: number;
  /** Whether the caller will send stdin; the command sees its end at once otherwise. */
  readonly hasStdin: boolean;
  /** Bytes of each of its streams that are sent: the first and the last of them; all if absent. */
  readonly outputBytesMax?: number;
  /** Whether the caller wants to know the names and addresses of the host. */
  readonly tellsHost?: boolean;
  /** A program that is sent along, run from a file of its own, and removed. */
  readonly script?: Buffer;
  /** Variables besides those that every command gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Directory to run in, from the home directory of who runs it. */
  readonly cwd?: string;
  /** As whom to run: a name or a number. */
  readonly user?: string;
  readonly group?: string;
  /** Whether it has the rights of root, or of `user`, by sudo(8) where the node itself has not. */
  readonly isSudo?: boolean;
  /** Whether it has what the profile of who runs it sets, as behind a login. */
  readonly isLogin?: boolean;
  readonly umask?: number;
  /** Niceness, -20 to 19. */
  readonly nice?: number;
  readonly ulimits?: Ulimits;
  /** A terminal instead of pipes: both streams are one then, on stdout. */
  readonly terminal?: Terminal;
  /** Whether stderr goes where stdout goes, in one order. */
  readonly isMerged?: boolean;
  /** The place of this target among all of the run, from 0, and how many they are. */
  readonly rank?: number;
  readonly count?: number;
  /** Name of the run: the same for all its targets. */
  readonly job?: string;
  /** Who asks for it, by its own word. */
  readonly owner?: string;
}

/**
 * Variables with which a caller could make a harmless program do something else, and our own. (Who
 * may run any program can set them all the same, but says so then.)
 */
const DENIED: ReadonlySet<string> = new Set([
  ...['GLIBC_TUNABLES', 'GCONV_PATH', 'NODE_OPTIONS', 'PERL5OPT', 'RUBYOPT', 'PYTHONSTARTUP'],
  ...['JAVA_TOOL_OPTIONS', 'BASH_ENV', 'ENV', 'SHELLOPTS', 'BASHOPTS', 'PS4', 'IFS'],
]);
const DENIED_BEGINNING = /^(LD_|BASH_FUNC_|DAGENT_)/;

/** Whether a shell can name a variable so. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/** Whether a node takes no variable of this name from a caller. */
export function isDeniedVariable(name: string): boolean {
  return DENIED.has(name) || DENIED_BEGINNING.test(name);
}

/** What a node left out of a stream, told where it is missing: between its head and its tail. */
export interface Omission {
  readonly channel: typeof Channel.STDOUT | typeof Channel.STDERR;
  /** Bytes that are missing. */
  readonly bytes: number;
  /** SHA-256 of the whole stream, so that streams can be compared all the same. */
  readonly hash: string;
}

/** The omission in a decoded value, or undefined when it is not one. */
export function parseOmission(value: unknown): Omission | undefined {
  const { channel, bytes, hash } = (value ?? {}) as Record<keyof Omission, unknown>;
  if (channel !== Channel.STDOUT && channel !== Channel.STDERR) return undefined;
  if (!Number.isSafeInteger(bytes) || Number(bytes) <= 0) return undefined;
  return typeof hash === 'string' ? { channel, bytes: Number(bytes), hash } : undefined;
}

/** Whether a decoded value is a list of texts. */
export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/**
 * Exactly one per target. The first six come from the node itself, the next from the way there;
 * `skipped` is what was never sent.
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
  'skipped',
] as const;

/** Which time was over, where the verdict is `timeout`. */
export const TIME_LIMITS = ['connect', 'command', 'overall'] as const;
export type TimeLimit = (typeof TIME_LIMITS)[number];

export type Verdict = (typeof VERDICTS)[number];

export interface ExecResult {
  readonly verdict: Verdict;
  readonly code?: number;
  readonly signal?: string;
  /** Processes of its group that were ended before their time. */
  readonly killed?: number;
  /** Processes that it had started outside of its group, and that were ended too. */
  readonly strays?: number;
  readonly limit?: TimeLimit;
  /** The node that gave up, where the target was not reached, or the way to it broke. */
  readonly via?: string;
  /** Why, where the verdict alone does not say. */
  readonly reason?: string;
  /** Time from its start to its end, measured where it ran. */
  readonly ms: number;
}

/** The result in a decoded value, or undefined when it is not one. */
export function parseExecResult(value: unknown): ExecResult | undefined {
  const { verdict, code, signal, killed, strays, limit, reason, ms } = (value ?? {}) as Record<
    keyof ExecResult,
    unknown
  >;
  if (!VERDICTS.includes(verdict as Verdict) || typeof ms !== 'number') return undefined;
  return {
    verdict: verdict as Verdict,
    ...(typeof code === 'number' ? { code } : {}),
    ...(typeof signal === 'string' ? { signal } : {}),
    ...(typeof killed === 'number' ? { killed } : {}),
    ...(typeof strays === 'number' ? { strays } : {}),
    ...(TIME_LIMITS.includes(limit as TimeLimit) ? { limit: limit as TimeLimit } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ms,
  };
}
