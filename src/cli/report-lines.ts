/** Reports as lines of JSON: read, and handed on many at a time. */
import type { Readable } from 'node:stream';
import { createLineSplitter } from '../base/lines.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { REPORTS_PER_CALL_MAX } from '../protocol/limits.ts';

/** Longest line. A report is a few words. */
const LINE_BYTES_MAX = 65_536;
const NEWLINE = 0x0a;

interface Line {
  readonly number: number;
  readonly report: unknown;
}

function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new DagentError('E_ARGUMENT_INVALID', { method: 'report', reason: message });
  }
}

/**
 * Reads lines, and hands what they say to `put`, which settles with what became of each: null, or
 * an error. `onFailure` hears of each line that was not kept, by its number; the others are.
 * Settles with how many were not. What arrives together goes together: a pipe that is slow is not
 * held up.
 */
export async function reportLines(
  input: Readable,
  put: (reports: readonly unknown[]) => Promise<unknown>,
  onFailure: (line: number, error: DagentError) => void,
): Promise<number> {
  let lines: Line[] = [];
  let count = 0;
  let failedCount = 0;
  const fail = (line: number, error: DagentError): void => {
    failedCount++;
    onFailure(line, error);
  };
  /** The end of a line that was too long is still to come. */
  let isSkipping = false;
  const splitter = createLineSplitter((bytes) => {
    const isRest = isSkipping;
    isSkipping = bytes.at(-1) !== NEWLINE && bytes.length >= LINE_BYTES_MAX;
    if (isRest) return;
    const number = ++count;
    const text = bytes.toString('utf8').trim();
    if (text === '') return;
    try {
      if (isSkipping) {
        const values = { what: 'the line', bytes: bytes.length, max: LINE_BYTES_MAX };
        throw new DagentError('E_TOO_LARGE', values);
      }
      lines.push({ number, report: parseLine(text) });
    } catch (error) {
      fail(number, error as DagentError);
    }
  }, LINE_BYTES_MAX);
  const flush = async (): Promise<void> => {
    const all = lines;
    lines = [];
    for (let at = 0; at < all.length; at += REPORTS_PER_CALL_MAX) {
      const batch = all.slice(at, at + REPORTS_PER_CALL_MAX);
      const outcomes = (await put(batch.map(({ report }) => report))) as unknown[];
      for (const [place, { number }] of batch.entries()) {
        if (outcomes[place] !== null) fail(number, errorFromData(outcomes[place]));
      }
    }
  };
  for await (const bytes of input) {
    splitter.push(bytes as Buffer);
    await flush();
  }
  splitter.end();
  await flush();
  return failedCount;
}
