/**
 * The words of `dagent exec`: our flags end where the command begins, as with ssh.
 * `exec -t 5s web1 ls -l` and `exec web1 -t 5s ls -l` are the same, and `-l` is never ours.
 */

/** Flags of `exec` that take the next word as their value. */
const EXEC_VALUE_FLAGS: ReadonlySet<string> = new Set(['--timeout', '-t', '--home', '--via']);

/** The same words with a `--` before the command, unless the user wrote one. */
export function separateCommand(argv: readonly string[]): string[] {
  let hasTarget = false;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return [...argv];
    if (EXEC_VALUE_FLAGS.has(word)) at++;
    else if (!word.startsWith('-') || word === '-') {
      if (hasTarget) return [...argv.slice(0, at), '--', ...argv.slice(at)];
      hasTarget = true;
    }
  }
  return [...argv];
}

/** More than one word is run as it is; a single one is for the shell. */
export function toArgv(words: readonly string[]): string[] {
  const [only] = words;
  return words.length === 1 && only !== undefined ? ['sh', '-c', only] : [...words];
}
