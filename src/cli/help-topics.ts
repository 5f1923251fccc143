/** What `dagent help` can tell of besides commands. */

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
