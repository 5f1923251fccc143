/** Reading standard input. */
import { DagentError } from '../protocol/errors.ts';

/** All of a stream, up to `bytesMax`. Throws E_TOO_LARGE. */
export async function readAll(
  stream: AsyncIterable<Buffer>,
  what: string,
  bytesMax: number,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > bytesMax) throw new DagentError('E_TOO_LARGE', { what, bytes, max: bytesMax });
    parts.push(part);
  }
  return Buffer.concat(parts);
}
