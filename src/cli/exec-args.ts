/**
 * The words of `dagent exec`: our flags end at the target, as with ssh; all behind it is the command's.
 * `exec -t 5s web1 ls -l` must not read `-l` as ours.
 */

/** Flags of `exec` that take the next word as their value. */
export const EXEC_VALUE_FLAGS: ReadonlySet<string> = new Set([
  '--timeout',
  '-t',
  '--home',
  '--via',
]);

/** The same words with a `--` behind the target, unless the user wrote one before it. */
export function separateCommand(argv: readonly string[]): string[] {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...argv];
    if (EXEC_VALUE_FLAGS.has(word)) at++;
    else if (!word.startsWith('-')) {
      const rest = argv.slice(at + 1);
      if (rest[0] === '--') rest.shift();
      return [...argv.slice(0, at + 1), '--', ...rest];
    }
  }
  return [...argv];
}

/** More than one word is run as it is; a single one is for the shell. */
export function toArgv(words: readonly string[]): string[] {
  const [only] = words;
  return words.length === 1 && only !== undefined ? ['sh', '-c', only] : [...words];
}
