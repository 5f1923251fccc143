/** Reading the log of a daemon: the end of it, and what is added. */
import { closeSync, fstatSync, openSync, readSync, unwatchFile, watchFile } from 'node:fs';
import { type Home, pathsOf } from '../adapters/home.ts';
import { escapeForTerminal } from '../base/escape.ts';
import { createLineSplitter } from '../base/lines.ts';
import { DagentError } from '../protocol/errors.ts';

/** As much of the end of a log as is read for its last lines. */
const TAIL_BYTES = 1_048_576;
const LOOK_MS = 200;

export interface LogFile {
  last(count: number): string[];
  /** Calls `onLine` with each line that is added; returns what ends it. */
  follow(onLine: (line: string) => void): () => void;
}

function readFrom(
  path: string,
  wanted: (sizeBytes: number) => number,
): { bytes: Buffer; end: number } {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, wanted(size));
    const bytes = Buffer.alloc(Math.max(0, size - start));
    readSync(fd, bytes, 0, bytes.length, start);
    return { bytes, end: size };
  } finally {
    closeSync(fd);
  }
}

/** The log of the node `name`. Throws E_STATE_BROKEN when there is none. */
export function openLog(home: Home, name: string, logFile: string | null): LogFile {
  const path = logFile ?? pathsOf(home, name).log;
  let end = 0;
  const read = (wanted: (sizeBytes: number) => number): Buffer => {
    try {
      const piece = readFrom(path, wanted);
      end = piece.end;
      return piece.bytes;
    } catch (error) {
      const reason = String((error as NodeJS.ErrnoException).code);
      throw new DagentError('E_STATE_BROKEN', { path, reason });
    }
  };
  return {
    last(count): string[] {
      const text = read((size) => size - TAIL_BYTES).toString('utf8');
      const lines = text.split('\n').filter((line) => line !== '');
      return count === 0 ? [] : lines.slice(-count);
    },
    follow(onLine): () => void {
      const lines = createLineSplitter((line) => onLine(line.toString('utf8').trimEnd()));
      const look = (): void => lines.push(read((size) => (size < end ? 0 : end)));
      watchFile(path, { interval: LOOK_MS }, look);
      return () => unwatchFile(path, look);
    },
  };
}

/** A record of the log in one line for people; a line that is none, as it is. */
export function formatLogLine(line: string): string {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return escapeForTerminal(line);
  }
  const { level, time, msg, node: _, pid: __, ...fields } = record;
  const rest = Object.entries(fields).map(([name, value]) => {
    return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return escapeForTerminal([time, String(level).padEnd(5), msg, ...rest].join(' '));
}
