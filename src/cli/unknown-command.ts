/** What to say of a word that is no command. */
import { distance } from 'fastest-levenshtein';
import { escapeLine } from '../base/escape.ts';
import { COMMANDS } from './command-table.ts';

const DISTANCE_MAX = 3;

/**
 * A sentence about the first word when it begins no command, with the nearest ones; else undefined.
 */
export function findUnknown(argv: readonly string[]): string | undefined {
  const words = argv.filter((word) => !word.startsWith('-') && word !== 'help');
  const [first] = words;
  const ids = Object.keys(COMMANDS);
  const isTopic = ids.some((id) => id.split(':')[0] === first);
  if (first === undefined) return undefined;
  if (isTopic && (words.length === 1 || Object.hasOwn(COMMANDS, first))) return undefined;
  const wanted = isTopic ? words.slice(0, 2).join(' ') : first;
  if (Object.hasOwn(COMMANDS, wanted.replace(' ', ':'))) return undefined;
  const names = ids.map((id) => id.replaceAll(':', ' '));
  const similar = names.filter((name) => distance(wanted, name) <= DISTANCE_MAX);
  const hint = similar.length > 0 ? `did you mean: ${similar.join(', ')}` : 'see: dagent --help';
  return `dagent: no command ${escapeLine(wanted)}\n  ${hint}`;
}
