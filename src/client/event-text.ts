/** What an event says besides its name and its node, in words. */
import { formatDuration } from '../base/duration.ts';
import { toText } from '../base/text.ts';
import type { StreamRecord } from './record-stream.ts';

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

/** Where it is, what it concerns, and why; each only where it matters. */
export function describeEvent(record: StreamRecord): string[] {
  return [describePlace(record), ...describeMatter(record)].filter((each) => each !== '');
}
