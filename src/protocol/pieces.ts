/** Records in a stream: each is its length, 4 bytes, and as many bytes. */

/** A record as it goes into the stream. */
export function encodePiece(body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(4 + body.length);
  bytes.writeUInt32BE(body.length);
  body.copy(bytes, 4);
  return bytes;
}

/**
 * Cuts a stream into records, and gives each to `onPiece`. The function that is returned takes what
 * comes; false, and nothing is taken any more, once a record is longer than `bytesMax`.
 */
export function createPieceSplitter(
  onPiece: (body: Buffer) => void,
  bytesMax: number,
): (bytes: Buffer) => boolean {
  let rest: Buffer = Buffer.alloc(0);
  let isBroken = false;
  return (bytes) => {
    if (isBroken) return false;
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let at = 0;
    while (rest.length - at >= 4) {
      const length = rest.readUInt32BE(at);
      isBroken = length > bytesMax;
      const end = at + 4 + length;
      if (isBroken || end > rest.length) break;
      onPiece(rest.subarray(at + 4, end));
      at = end;
    }
    // A copy: what was read is not kept for the sake of a few bytes.
    rest = isBroken ? Buffer.alloc(0) : Buffer.from(rest.subarray(at));
    return !isBroken;
  };
}
