/** What the commands about flags share. */
import * as Flags from '@oclif/core/flags';
import { formatDuration } from '../base/duration.ts';
import { naturalKey } from '../base/natural.ts';
import type { FlagAnswer } from '../client/flags.ts';
import {
  FLAG_PRIORITIES,
  type FlagKey,
  formatFlagKey,
  type ListedFlag,
  rankOf,
} from '../protocol/flag.ts';
import { viaFlags } from './base.ts';
import { printDocument } from './output.ts';
import type { Column } from './table-fit.ts';
import { wordArg } from './words.ts';

/** The three words that name a flag. */
export const flagArgs = {
  service: wordArg({ required: true, description: 'Who raises it' }),
  section: wordArg({ required: true, description: 'Which part of that' }),
  flag: wordArg({ required: true, description: 'What is the matter' }),
};

export const priorityFlag = Flags.option({ options: FLAG_PRIORITIES });

/** Flags of the commands that change a flag. */
export const changeFlags = {
  at: Flags.string({ helpValue: 'NODE', description: 'Node whose flag it is; this one otherwise' }),
  json: Flags.boolean({ description: 'Print what became of it as a JSON document' }),
  ...viaFlags,
};

/** Tells what became of a flag: nothing where it is as was wished. */
export function printAnswer(answer: FlagAnswer, isJson: boolean, note: string): void {
  if (isJson) printDocument(answer);
  else if (note !== '') process.stderr.write(`${note}\n`);
}

/** The most urgent first; those of one priority by their nodes, and then by their names. */
export function sortListed(flags: readonly ListedFlag[]): ListedFlag[] {
  return Array.from(flags, (flag) => ({
    flag,
    key: `${naturalKey(flag.node)}\0${naturalKey(formatFlagKey(flag))}`,
  }))
    .sort((a, b) => rankOf(b.flag.priority) - rankOf(a.flag.priority) || (a.key < b.key ? -1 : 1))
    .map(({ flag }) => flag);
}

export const FLAG_COLUMNS: readonly Column[] = [
  { head: 'NODE', priority: 0 },
  { head: 'PRIORITY', priority: 2 },
  { head: 'FLAG', priority: 1, isText: true },
  { head: 'STATE', priority: 4 },
  { head: 'SINCE', priority: 5 },
  { head: 'COUNT', priority: 6, isNumber: true },
  { head: 'MESSAGE', priority: 3, isText: true },
];

function stateOf({ state, nodeState }: ListedFlag): string {
  return nodeState === 'lost' ? `${state}, node lost` : state;
}

/** The row of a flag. */
export function flagRow(flag: ListedFlag, nowMs: number): string[] {
  const since = formatDuration(Math.max(0, nowMs - flag.firstAtMs));
  const { node, priority, count, message } = flag;
  return [node, priority, formatFlagKey(flag), stateOf(flag), since, String(count), message];
}

function instant(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** All that is known of a flag of one node. */
export function describeFlag(flag: ListedFlag): readonly (readonly [string, string])[] {
  const { node, nodeState, priority, tags, message, isManual, count, by } = flag;
  const waits = flag.state === 'cleared' ? 'cleared, waits for a person to lower it' : 'raised';
  return [
    ['node', nodeState === 'lost' ? `${node} (lost)` : node],
    ['state', waits],
    ['priority', priority],
    ['tags', tags.join(' ') || '-'],
    ['message', message || '-'],
    ['lowered by', isManual ? 'a person only' : 'whoever raises it'],
    ['raised', `${count} ${count === 1 ? 'time' : 'times'}, last by ${by}`],
    ['first', instant(flag.firstAtMs)],
    ['last', instant(flag.lastAtMs)],
  ];
}

/** Whether a flag has this name. */
export function hasKey(flag: ListedFlag, key: FlagKey): boolean {
  return formatFlagKey(flag) === formatFlagKey(key);
}
