/**
 * A seeded generator as plain data, so that a router's state holds its chance and a run can be
 * replayed: mulberry32 (Tommy Ettinger, public domain). Not for secrets.
 */

export interface Random {
  state: number;
}

/** A generator that yields the same sequence for the same 32-bit seed. */
export function createRandom(seed: number): Random {
  return { state: seed | 0 };
}

/** The next number of the sequence, from 0 (included) to 1 (excluded). */
export function nextRandom(random: Random): number {
  random.state = (random.state + 0x6d2b79f5) | 0;
  let t = Math.imul(random.state ^ (random.state >>> 15), 1 | random.state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/** The next unsigned 32-bit integer of the sequence. */
export function nextUint32(random: Random): number {
  return Math.floor(nextRandom(random) * 4294967296);
}
