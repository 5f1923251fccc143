/**
 * The words of `dagent exec`: our flags end where the command begins, as with ssh.
 * `exec -t 5s web1 ls -l` and `exec web1 -t 5s ls -l` are the same, and `-l` is never ours.
 */

import { EXEC_VALUE_FLAGS } from './exec-flags.ts';

/** Whether a word says that the targets come from a file: then no TARGET need follow. */
function isFileFlag(word: string): boolean {
  return /^(-f|--file(=|$))/.test(word);
}

/** Whether our part of a command line takes its targets from a file. */
export function hasFileFlag(ours: readonly string[]): boolean {
  return ours.some(isFileFlag);
}

/** `-c` and `--shell` by themselves mean the usual shell: what follows is never its name. */
const BARE_SHELL = /^(-c|--shell)$/;

/** The same words with a `--` before the command, unless the user wrote one. */
export function separateCommand(typed: readonly string[]): string[] {
  const words = insertSeparator(typed);
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  return words.map((word, at) => (at < end && BARE_SHELL.test(word) ? '--shell=sh' : word));
}

function insertSeparator(argv: readonly string[]): string[] {
  let hasTarget = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...argv];
    hasTarget ||= isFileFlag(word);
    if (EXEC_VALUE_FLAGS.has(word)) at++;
    else if (!word.startsWith('-') || word === '-') {
      if (hasTarget) return [...argv.slice(0, at), '--', ...argv.slice(at)];
      hasTarget = true;
    }
  }
  return [...argv];
}

/** A word as a shell takes it for itself. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Flags that say which targets are meant: the next time others are. */
const TARGET_FLAG = /^(-[xf]|--(exclude|file|where|limit|seed|pick|expect-count|dry-run)(=|$))/;

/**
 * The line that runs a command once more where it failed. `ours` are our flags, and perhaps a
 * TARGET; `words` are the command.
 */
export function formatAgain(ours: readonly string[], words: readonly string[]): string {
  const kept: string[] = [];
  for (let at = 0; at < ours.length; at++) {
    const flag = ours[at] ?? '';
    const value = EXEC_VALUE_FLAGS.has(flag) ? [ours[++at] ?? ''] : [];
    const isFlag = flag.startsWith('-') && flag !== '-';
    if (isFlag && !TARGET_FLAG.test(flag)) kept.push(flag, ...value);
  }
  return ['dagent exec', ...[...kept, '@last:failed', '--', ...words].map(quoteWord)].join(' ');
}
