/** Times as they are shown beside what happened then. */
import { toText } from '../base/text.ts';

const START = 'YYYY-MM-DDT'.length;
const END = 'YYYY-MM-DDThh:mm:ss.mmm'.length;

/** `12:00:01.234` out of a time of RFC 3339, in UTC. */
export function timeOfDay(at: unknown): string {
  return toText(at).slice(START, END);
}
