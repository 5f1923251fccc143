/** Labels on the command line: NAME=VALUE. */
import { DagentError } from '../protocol/errors.ts';

/** The labels in the words of `--label`. Throws E_USAGE. */
export function parseLabels(words: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1)
      throw new DagentError('E_USAGE', { reason: `--label is NAME=VALUE, not ${word}` });
    labels[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return labels;
}
