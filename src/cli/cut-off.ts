/** What is said where a part of the tree is all that can be seen. */
import { escapeLine } from '../base/escape.ts';
import { describeCutOff } from '../client/targets.ts';

/** Tells it on stderr; nothing when the whole tree was asked. */
export function tellCutOff(cutOffAt: string | undefined): void {
  if (cutOffAt === undefined) return;
  process.stderr.write(`dagent: ${escapeLine(describeCutOff(cutOffAt))}\n`);
}
