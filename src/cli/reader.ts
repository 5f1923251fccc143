/** Reading standard input, or a file. */
import { createReadStream } from 'node:fs';
import { DagentError } from '../protocol/errors.ts';
import { BODY_BYTES_MAX } from '../protocol/limits.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
};

/** What is said of a file that was named and cannot be read. */
export function unreadable(what: string, error: unknown): DagentError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new DagentError('E_USAGE', { reason: `cannot read ${what}: ${REASONS[code] ?? message}` });
}

/** All of a stream, up to `bytesMax`. Throws E_TOO_LARGE, and E_USAGE when it cannot be read. */
export async function readAll(
  stream: AsyncIterable<Buffer>,
  what: string,
  bytesMax: number,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of stream) {
      bytes += part.length;
      if (bytes > bytesMax) throw new DagentError('E_TOO_LARGE', { what, bytes, max: bytesMax });
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof DagentError) throw error;
    throw unreadable(what, error);
  }
  return Buffer.concat(parts);
}

/** What `--data FILE` or `--data -` names, as much as a message can have. Throws as above. */
export function readData(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return Promise.resolve(undefined);
  const source = file === '-' ? process.stdin : createReadStream(file);
  return readAll(source, 'the data', BODY_BYTES_MAX);
}
