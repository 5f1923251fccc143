/** What hosts write about themselves, made the same for all: `--mask-host`. */

/** What stands for the host's own name or address. */
const MASK = '{host}';

/**
 * A function that puts `mask` in the place of each of `names` in a line. `web1` is not meant by
 * `web10`, nor `10.0.0.1` by `10.0.0.12`. Bytes that are no text stay as they are.
 */
export function createMask(names: readonly string[], mask = MASK): (line: Buffer) => Buffer {
  const longestFirst = [...new Set(names)]
    .filter((name) => name !== '')
    .sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return (line) => line;
  const any = longestFirst.map((name) => name.replace(/[\\^$.*+?()[\]{}|-]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![\\w-])(?:${any})(?![\\w-])`, 'gi');
  // One character for each byte: a name is of ASCII, and the rest must not change.
  return (line) => Buffer.from(line.toString('latin1').replace(pattern, mask), 'latin1');
}
