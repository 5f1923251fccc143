/** What a daemon and the helper that has a terminal say to each other. */
import { parseWindow, type Window } from '../protocol/exec.ts';

export interface TerminalRequest {
  /** All of the command, with what prepares it. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whose the terminal is, where that is not us. */
  readonly owner?: number;
  readonly size: Window;
}

function parseLine(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** A new size, or undefined when the line is none. */
export function parseSize(line: Buffer): Window | undefined {
  return parseWindow(parseLine(line));
}

/** What a helper says of its command. */
export interface HelperWord {
  readonly pid?: number;
  /** READY, or the status for it and why it cannot be run. */
  readonly word?: string;
  readonly code?: number | null;
  readonly signal?: string | null;
}

/** The word in a line of a helper. */
export function parseHelperWord(line: Buffer): HelperWord {
  return (parseLine(line) ?? {}) as HelperWord;
}
