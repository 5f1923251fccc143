/** Numbers in bytes. */

/** A view of the same bytes: it reads numbers in place, several times faster than a Buffer does. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
