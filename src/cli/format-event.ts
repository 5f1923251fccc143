/** What happened, in lines for people. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { toText } from '../base/text.ts';
import type { StreamRecord } from '../client/record-stream.ts';
import { timeOfDay } from '../client/time-of-day.ts';

function listOf(value: unknown): string {
  return Array.isArray(value) ? value.map(toText).join(', ') : '';
}

/** Where it is, as far as that matters. */
function describePlace(record: StreamRecord): string {
  const { event, parent, from, peer, as } = record;
  if (event === 'node-moved') return `from ${toText(from) || 'no parent'} to ${toText(parent)}`;
  if (toText(as) !== '') return [`${toText(as)}`, toText(peer)].filter((it) => it !== '').join(' ');
  return toText(parent) === '' ? '' : `below ${toText(parent)}`;
}

/** What it concerns, and why. */
function describeMatter(record: StreamRecord): string[] {
  const { service, services, fields, flag, priority, url, code, reason, retryMs, flaps } = record;
  const why = [toText(reason), toText(code) === '' ? '' : `(${toText(code)})`];
  return [
    toText(service),
    listOf(services),
    listOf(fields),
    toText(flag),
    toText(priority),
    toText(url),
    why.filter((each) => each !== '').join(' '),
    typeof retryMs === 'number' ? `again in ${formatDuration(retryMs)}` : '',
    typeof flaps === 'number' && flaps > 1 ? `lost ${flaps} times in 10 minutes` : '',
  ];
}

/** `12:00:01.234  node-lost       web1  below east  lost 3 times in 10 minutes`. */
export function formatEvent(record: StreamRecord): string {
  const { at, event, node } = record;
  const words = [timeOfDay(at), toText(event).padEnd(14), toText(node), describePlace(record)];
  return escapeLine([...words, ...describeMatter(record)].filter((it) => it !== '').join('  '));
}
