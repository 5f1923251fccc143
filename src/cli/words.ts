/** The words of a command line that belong to no flag. */
import * as Args from '@oclif/core/args';

/** A word that only the command line can give: oclif would read a missing one from stdin. */
export const wordArg = Args.custom<string>({ ignoreStdin: true });

interface Token {
  readonly type: string;
  readonly input: string;
}

/**
 * All words, in the order in which they were typed. `raw` is what oclif's parser read; its own list
 * of words brings equal ones together, which would turn `printf %s a b a` into another command.
 */
export function wordsOf(raw: readonly Token[]): string[] {
  return raw.filter(({ type }) => type === 'arg').map(({ input }) => input);
}
