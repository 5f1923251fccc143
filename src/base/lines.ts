/**
 * Cuts a stream of bytes into lines. Bytes, not text: what is not UTF-8 must come through unharmed.
 */

export interface LineSplitter {
  push(bytes: Buffer): void;
  /** Hands over what is left without a line end, if anything. */
  end(): void;
}

const NEWLINE = 0x0a;

/**
 * Calls `onLine` with each line, its end included. What grows past `bytesMax` without a line end is
 * handed over as it is, so that a stream without lines does not fill the memory.
 */
export function createLineSplitter(
  onLine: (line: Buffer) => void,
  bytesMax = Number.POSITIVE_INFINITY,
): LineSplitter {
  let parts: Buffer[] = [];
  let partBytes = 0;
  const finish = (last: Buffer): void => {
    const line = parts.length === 0 ? last : Buffer.concat([...parts, last]);
    parts = [];
    partBytes = 0;
    if (line.length > 0) onLine(line);
  };
  return {
    push(bytes): void {
      let start = 0;
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, start)) {
        finish(bytes.subarray(start, at + 1));
        start = at + 1;
      }
      if (start === bytes.length) return;
      parts.push(bytes.subarray(start));
      partBytes += bytes.length - start;
      if (partBytes >= bytesMax) finish(Buffer.alloc(0));
    },
    end: () => finish(Buffer.alloc(0)),
  };
}
