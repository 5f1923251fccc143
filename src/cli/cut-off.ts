/** What is said where a part of the tree is all that can be seen, or is waited for. */
import { escapeLine } from '../base/escape.ts';
import { describeCutOff } from '../client/targets.ts';

/** Tells on stderr why nothing happens for a while. */
export function tellWait(top: string): void {
  const what = `${escapeLine(top)} has just started: waiting for nodes that it knew before`;
  process.stderr.write(`dagent: ${what}\n`);
}

/** Tells it on stderr; nothing when the whole tree was asked. */
export function tellCutOff(cutOffAt: string | undefined): void {
  if (cutOffAt === undefined) return;
  process.stderr.write(`dagent: ${escapeLine(describeCutOff(cutOffAt))}\n`);
}
