/** What a command line was refused for, in our words rather than in those of its parser. */

const HELP_OFFER = /\s*See more help with --help\s*$/;
/** What follows is advice about flags, which our help does not need. */
const MISSING = /^Missing \d+ required args?:\n((?:.+\n?)+)[\s\S]*/;
const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/The following errors? occurred:\s+/, ''],
  [/(--[\w-]+)(?:=\S+)? cannot also be provided when using (--[\w-]+)/g, '$1 does not go with $2'],
  [/All of the following must be provided when using (--[\w-]+): /g, '$1 needs '],
  [/^Nonexistent flags?: /, 'there is no flag '],
  [/^Unexpected arguments?: /, 'too many words: '],
  [/^Parsing (--\S+)\s+/, '$1: '],
  [/^(--\S+): \1 /, '$1 '],
];

/** The names of missing words: each begins a line, and its description follows on that line. */
function nameMissing(list: string): string {
  const names = list.split('\n').flatMap((line) => /^\S+/.exec(line) ?? []);
  return `${names.map((name) => name.toUpperCase()).join(' and ')} missing`;
}

/** `text`, the message of an error, on one line. */
export function toComplaint(text: string): string {
  const bare = text
    .replace(HELP_OFFER, '')
    .replace(MISSING, (_, list: string) => nameMissing(list));
  const reworded = WORDINGS.reduce((words, [from, to]) => words.replace(from, to), bare);
  return reworded.replace(/\s+/g, ' ').trim();
}
