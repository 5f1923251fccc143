#!/usr/bin/env node
/**
 * A plugin in TypeScript, without any library: `env` finds the Node that the daemon itself runs on,
 * which takes TypeScript as it is.
 *
 *     dagent call NODE: words.count 'one two'                 a method
 *     echo one two | dagent send words COUNT --data - --request   a service
 *     echo one two | dagent publish words.add --data -            an event
 */
import { createInterface } from 'node:readline';

interface Line {
  readonly type: string;
  readonly id?: number;
  readonly args?: readonly unknown[];
  readonly data?: string;
}

const HELLO = {
  type: 'hello',
  protocol: 1,
  name: 'words',
  version: '1.0',
  classes: {
    words: {
      doc: 'Counts words.',
      methods: { count: { doc: 'How many words a text has.', args: ['text'] } },
    },
  },
  services: ['words'],
  topics: ['words.add'],
  statistics: [{ name: 'total', kind: 'counter', unit: 'words' }],
};

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

let total = 0;

function count(text: string): number {
  const words = text.split(/\s+/).filter((word) => word !== '').length;
  total += words;
  say({ type: 'statistic', name: 'total', value: total });
  return words;
}

function handle({ type, id, args = [], data = '' }: Line): void {
  if (type === 'call') {
    const [text] = args;
    if (typeof text === 'string') return say({ type: 'result', id, value: count(text) });
    say({ type: 'error', id, class: 'TypeError', message: 'a text is wanted', args: [] });
  } else if (type === 'request') {
    say({ type: 'result', id, value: { command: 'WORDS', data: String(count(data)) } });
  } else if (type === 'message' || type === 'event') {
    count(data);
  }
}

say(HELLO);
for await (const text of createInterface({ input: process.stdin }))
  handle(JSON.parse(text) as Line);
