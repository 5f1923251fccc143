/** Collecting young objects when we say so, and not only when V8 does. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'minor' }) => void;

/** Returns what collects the young objects of this process, in a fraction of a millisecond. */
export function createYoungCollection(): () => void {
  // A context that is made while the flag is set has V8's own `gc`; nobody else gets to see it.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return () => collect({ type: 'minor' });
}
