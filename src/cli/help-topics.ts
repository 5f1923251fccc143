/** `dagent help TOPIC`: what is not about one command. Documents are printed as they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorEntry } from '../protocol/error-table.ts';
import { isErrorCode } from '../protocol/errors.ts';
import { onPipeClosed } from './pipe.ts';

interface Topic {
  readonly file: string;
  readonly summary: string;
}

/** By the word behind `dagent help`; none of them is a command. */
export const TOPICS: Readonly<Record<string, Topic>> = {
  'exit-codes': { file: 'EXIT-CODES.md', summary: 'What the exit status says; verdicts of exec' },
  selectors: { file: 'TARGETS.md', summary: 'How TARGETs are chosen: names, labels, conditions' },
  addresses: { file: 'VALUES.md', summary: 'NODE:SERVICE and URLs' },
  durations: { file: 'VALUES.md', summary: '5s, 1h30m; sizes and instants too' },
  facts: { file: 'FACTS.md', summary: 'What info tells, for --where' },
  errors: { file: 'ERRORS.md', summary: 'All errors; one of them: dagent help E_UNREACHABLE' },
  limits: { file: 'LIMITS.md', summary: 'All bounds, and what happens there' },
  glossary: { file: 'GLOSSARY.md', summary: 'What the words mean' },
};

/** The topics in columns, for the help that lists the commands. */
export function listTopics(): string {
  const width = Math.max(...Object.keys(TOPICS).map((name) => name.length));
  const lines = Object.entries(TOPICS).map(([name, { summary }]) => {
    return `  ${name.padEnd(width)}  ${summary}`;
  });
  return ['HELP TOPICS (dagent help TOPIC)', ...lines].join('\n');
}

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
