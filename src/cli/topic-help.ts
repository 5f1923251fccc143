/**
 * `dagent help TOPIC`: what is not about one command. Documents are printed as they are. It is no
 * part of the entry of the command line, which needs no table of errors.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorEntry } from '../protocol/error-table.ts';
import { isErrorCode } from '../protocol/errors.ts';
import { TOPICS } from './help-topics.ts';
import { onPipeClosed } from './pipe.ts';

function explainError(code: keyof typeof ERRORS): string {
  const { message, hint, exit, retryable }: ErrorEntry = ERRORS[code];
  return [
    code,
    `  says          ${message}`,
    ...(hint === undefined ? [] : [`  what to do    ${hint}`]),
    `  exit status   ${exit}`,
    `  try again     ${retryable ? 'may help' : 'does not help'}`,
    '',
  ].join('\n');
}

/** The text about `word`, or undefined when it is no topic; `root` is the folder of the package. */
export function findHelp(word: string, root: string): string | undefined {
  const code = word.toUpperCase();
  if (isErrorCode(code)) return explainError(code);
  const topic = Object.hasOwn(TOPICS, word) ? TOPICS[word] : undefined;
  return topic === undefined ? undefined : readFileSync(join(root, 'docs', topic.file), 'utf8');
}

/** Prints it; `| head` ends us as it does others. */
export function printHelp(text: string): void {
  onPipeClosed();
  process.stdout.write(text);
}
