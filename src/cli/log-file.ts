/** Reading the log of a daemon: the end of it, and what is added. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Home, pathsOf } from '../adapters/home.ts';
import { escapeLine } from '../base/escape.ts';
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

/** A file as it was last seen. */
interface Seen {
  readonly inode: number;
  readonly sizeBytes: number;
}

interface Piece extends Seen {
  readonly startBytes: number;
  readonly bytes: Buffer;
}

/** Reads a file to its end, from where `wanted` says. */
function readFrom(path: string, wanted: (now: Seen) => number): Piece {
  const fd = openSync(path, 'r');
  try {
    const { size: sizeBytes, ino: inode } = fstatSync(fd);
    const startBytes = Math.max(0, wanted({ inode, sizeBytes }));
    const bytes = Buffer.alloc(Math.max(0, sizeBytes - startBytes));
    readSync(fd, bytes, 0, bytes.length, startBytes);
    return { inode, sizeBytes, startBytes, bytes };
  } finally {
    closeSync(fd);
  }
}

/** The log of the node `name`. Its `last` throws E_STATE_BROKEN when there is none. */
export function openLog(home: Home, name: string, logFile: string | null): LogFile {
  const path = logFile ?? pathsOf(home, name).log;
  let seen: Seen = { inode: 0, sizeBytes: 0 };
  const read = (wanted: (now: Seen) => number): Piece => {
    const piece = readFrom(path, wanted);
    seen = piece;
    return piece;
  };
  /** What was added; all of it where another file has the name now, or the file was cut. */
  const readMore = ({ inode, sizeBytes }: Seen): number =>
    inode !== seen.inode || sizeBytes < seen.sizeBytes ? 0 : seen.sizeBytes;
  return {
    last(count): string[] {
      try {
        const { startBytes, bytes } = read(({ sizeBytes }) => sizeBytes - TAIL_BYTES);
        const lines = bytes.toString('utf8').split('\n');
        // What was read may begin in the middle of a line.
        if (startBytes > 0) lines.shift();
        return count === 0 ? [] : lines.filter((line) => line !== '').slice(-count);
      } catch (error) {
        const reason = String((error as NodeJS.ErrnoException).code);
        throw new DagentError('E_STATE_BROKEN', { path, reason });
      }
    },
    follow(onLine): () => void {
      const lines = createLineSplitter((line) => onLine(line.toString('utf8').trimEnd()));
      const look = (): void => {
        try {
          lines.push(read(readMore).bytes);
        } catch {
          // It is being replaced: the next look finds the new one.
        }
      };
      // A watcher of Node would miss what is added before its own first look.
      const timer = setInterval(look, LOOK_MS);
      return () => clearInterval(timer);
    },
  };
}

function parseRecord(line: string): Record<string, unknown> | undefined {
  try {
    const record: unknown = JSON.parse(line);
    const isMap = typeof record === 'object' && record !== null && !Array.isArray(record);
    return isMap ? (record as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A record of the log in one line for people; a line that is none, as it is. */
export function formatLogLine(line: string): string {
  const record = parseRecord(line);
  if (record === undefined) return escapeLine(line);
  const { level, time, msg, node: _, pid: __, ...fields } = record;
  const rest = Object.entries(fields).map(([name, value]) => {
    return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
  });
  return escapeLine([time, String(level).padEnd(5), msg, ...rest].join(' '));
}
