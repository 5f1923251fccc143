/**
 * Facts by their hash: of ten thousand hosts with the same packages each says which ones by a hash,
 * and only one has to spell them out. Who hears them hashes them again, so that no node can say
 * what another one means.
 */
import { FACTS_INLINE_BYTES } from './limits.ts';

/** The facts of one class: themselves, or their hash. */
export type FactDigest = { readonly facts: unknown } | { readonly hash: string };

/** SHA-256 of a text, as base64url: it is handed in, because who computes nothing loads nothing. */
export type Sha256 = (text: string) => string;

/** 132 bits of it: nobody finds other facts with the same. */
const HASH_LENGTH = 22;

/** The hash of facts. The order of their fields counts, and survives the wire. */
export function hashFacts(facts: unknown, sha256: Sha256): string {
  return sha256(JSON.stringify(facts)).slice(0, HASH_LENGTH);
}

/** Facts as they are told to who asks many: short ones would gain nothing. */
export function digestFacts(facts: unknown, sha256: Sha256): FactDigest {
  const bytes = Buffer.byteLength(JSON.stringify(facts));
  return bytes <= FACTS_INLINE_BYTES ? { facts } : { hash: hashFacts(facts, sha256) };
}

/** A digest that came from another node; undefined when it is none. */
export function parseFactDigest(value: unknown): FactDigest | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('facts' in value) return { facts: value.facts };
  return 'hash' in value && typeof value.hash === 'string' ? { hash: value.hash } : undefined;
}
