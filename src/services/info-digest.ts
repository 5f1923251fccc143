/** `info.digest`: the same facts of many hosts are said once, and by the others only named. */
import { createHash } from 'node:crypto';
import { digestFacts, type FactDigest, type Sha256 } from '../protocol/fact-digest.ts';
import type { FactClass } from '../protocol/facts.ts';

/** Facts that are others at every look: a hash of them would only cost a second question. */
const FLEETING: readonly FactClass[] = ['clock', 'load', 'memory', 'processes', 'uptime'];

const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('base64url');

/** Facts by class, the long and lasting ones as their hash. */
export function digestInfo(info: Readonly<Record<string, unknown>>): Record<string, FactDigest> {
  const entries = Object.entries(info).map(([name, facts]) => {
    const isFleeting = (FLEETING as readonly string[]).includes(name);
    return [name, isFleeting ? { facts } : digestFacts(facts, sha256)] as const;
  });
  return Object.fromEntries(entries);
}
