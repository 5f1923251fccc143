/** What to say of a word that is no command. */
import { escapeLine } from '../base/escape.ts';
import { ERRORS } from '../protocol/error-table.ts';
import { findSimilar } from '../protocol/similar.ts';
import { COMMANDS } from './command-table.ts';
import { TOPICS } from './help-topics.ts';

/** What other tools call what we call so, behind the name of a thing. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  ls: ['list'],
  show: ['status', 'get', 'describe', 'info', 'inspect'],
  rm: ['remove', 'delete', 'del', 'forget'],
  cancel: ['kill', 'stop', 'abort', 'terminate'],
  stop: ['kill', 'end'],
  output: ['log', 'logs', 'tail', 'cat'],
  attach: ['watch', 'follow', 'tail'],
};

/** Flags that stand alone. */
const OWN_FLAGS: readonly string[] = ['--help', '-h', '--version', '-v'];

/** Of many codes that begin alike so many are named. */
const SUGGESTIONS_MAX = 5;

/** The words that may stand at a place of a command line, behind those that are there. */
function wordsAt(place: number, topic: string): string[] {
  const ids = Object.keys(COMMANDS).map((id) => id.split(':'));
  const fitting = ids.filter(([first]) => place === 0 || first === topic);
  return [...new Set(fitting.map((words) => words[place] ?? ''))];
}

/** What is spelt nearly as the first word: a command, `help`, or what that can tell of. */
function findFirst(word: string, isHelp: boolean): string[] {
  const topics = Object.keys(TOPICS);
  const known = topics.includes(word) ? [word] : [...wordsAt(0, ''), 'help', ...topics];
  return findSimilar(word, known).map((name) => {
    return topics.includes(name) && !isHelp ? `help ${name}` : name;
  });
}

/** Of those that there are, the one that others call so; else what is spelt nearly so. */
function findMeant(word: string, known: readonly string[]): string[] {
  const meant = Object.entries(SYNONYMS)
    .filter(([name, words]) => words.includes(word) && known.includes(name))
    .map(([name]) => name);
  return meant.length > 0 ? meant : findSimilar(word, known);
}

/** A sentence about a word that looks like the code of an error; else undefined. */
function findUnknownCode(word: string): string | undefined {
  const code = word.toUpperCase();
  if (!code.startsWith('E_')) return undefined;
  const codes = Object.keys(ERRORS);
  if (codes.includes(code)) return `dagent: no command ${code}\n  see: dagent help ${code}`;
  const begun = codes.filter((each) => each.startsWith(code)).slice(0, SUGGESTIONS_MAX);
  const similar = begun.length > 0 ? begun : findSimilar(code, codes);
  const guess = similar.length > 0 ? `did you mean: ${similar.join(', ')}; ` : '';
  return `dagent: no error code ${escapeLine(code)}\n  ${guess}see all: dagent help errors`;
}

/**
 * A sentence about the first words when they begin no command, with the nearest ones; else
 * undefined.
 */
export function findUnknown(argv: readonly string[]): string | undefined {
  const [head = ''] = argv;
  if (head.startsWith('-') && (argv.length > 1 || !OWN_FLAGS.includes(head))) {
    const says = `a command stands before its flags, not behind ${escapeLine(head)}`;
    return `dagent: ${says}\n  see: dagent --help`;
  }
  const isHelp = head === 'help';
  const words = argv.slice(isHelp ? 1 : 0).filter((word) => !word.startsWith('-'));
  const [first, second] = words;
  if (first === undefined || (isHelp && first === head) || Object.hasOwn(COMMANDS, first))
    return undefined;
  const code = findUnknownCode(first);
  if (code !== undefined) return code;
  const isTopic = wordsAt(0, '').includes(first);
  if (isTopic && (second === undefined || Object.hasOwn(COMMANDS, `${first}:${second}`))) {
    return undefined;
  }
  const similar = isTopic
    ? findMeant(second ?? '', wordsAt(1, first)).map((word) => `${first} ${word}`)
    : findFirst(first, isHelp);
  const hint =
    similar.length > 0
      ? `did you mean: ${similar.join(', ')}`
      : `see: dagent ${isTopic ? `${first} ` : ''}--help`;
  return `dagent: no command ${escapeLine(isTopic ? `${first} ${second}` : first)}\n  ${hint}`;
}
