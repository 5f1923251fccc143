/** Parameters on a command line: `name=value`. */
import { DagentError } from '../protocol/errors.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The parameters in words. Throws E_USAGE that names the word. */
export function parseParams(words: readonly string[]): Record<string, string> {
  const params: [string, string][] = [];
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(0, equals));
    if (!NAME.test(name)) {
      const reason = `${word} is not a parameter: write name=value`;
      throw new DagentError('E_USAGE', { reason });
    }
    params.push([name, word.slice(equals + 1)]);
  }
  return Object.fromEntries(params);
}
