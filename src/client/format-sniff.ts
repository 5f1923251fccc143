/** What passes a node, in lines for people. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { formatBytes } from '../base/size.ts';
import { toText } from '../base/text.ts';
import type { StreamRecord } from './record-stream.ts';
import { timeOfDay } from './time-of-day.ts';

function linkOf(name: unknown, nothing: string): string {
  return name === null || name === undefined ? nothing : toText(name);
}

function sizeOf(size: unknown): string {
  return formatBytes(typeof size === 'number' ? size : 0);
}

/** What became of it, and how long that took. */
function describeOutcome({ type, outcome, ms }: StreamRecord): string[] {
  const isOpen = type === 'exchange' && (outcome === null || outcome === undefined);
  const word = isOpen ? 'no outcome yet' : toText(outcome);
  const time = typeof ms === 'number' ? formatDuration(ms) : '';
  return [word, time].filter((each) => each !== '');
}

/**
 * `12:00:01.234 hq  request  web1:~5 -> web2:shop  NEW  120 B  [east -> web2]  ok 1.2ms  data`.
 */
export function formatSniffed(record: StreamRecord, hasNode: boolean): string {
  const { kind, from, to, cmd, topic, data, dataBytes } = record;
  const name = [cmd, topic].map(toText).filter((each) => each !== '');
  const cut = typeof dataBytes === 'number' ? [`... (${dataBytes} bytes)`] : [];
  const shown = typeof data === 'string' && data !== '' ? [data, ...cut] : [];
  const words = [
    timeOfDay(record.at),
    ...(hasNode ? [toText(record.node)] : []),
    toText(kind).padEnd(8),
    `${toText(from)} -> ${toText(to)}`,
    ...name,
    sizeOf(record.size),
    `[${linkOf(record.in, 'made here')} -> ${linkOf(record.out, 'ended here')}]`,
    ...describeOutcome(record),
    ...shown,
  ];
  return escapeLine(words.join('  '));
}

/** `1,204 not shown`. */
export function formatSkipped(count: number): string {
  return `${count.toLocaleString('en')} not shown`;
}
