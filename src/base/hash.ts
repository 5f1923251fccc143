/**
 * MurmurHash3, x86 32-bit variant (Austin Appleby, public domain), over the UTF-8 bytes of a
 * string. Chosen because it is short, well distributed, and exists in every language that may speak
 * to us. Not a cryptographic hash: nothing that needs one may use it.
 */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

function mix(block: number): number {
  const scaled = Math.imul(block, C1);
  return Math.imul((scaled << 15) | (scaled >>> 17), C2);
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The 32-bit hash of `text`, as an unsigned number. */
export function murmur3(text: string, seed: number): number {
  const bytes = Buffer.from(text, 'utf8');
  const tail = bytes.length & ~3;
  let hash = seed;
  for (let at = 0; at < tail; at += 4) {
    hash ^= mix(bytes.readInt32LE(at));
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= tail; at--) rest = (rest << 8) | (bytes[at] ?? 0);
  if (bytes.length > tail) hash ^= mix(rest);
  return finish(hash ^ bytes.length);
}
