/** What happened, in lines for people. */
import { escapeLine } from '../base/escape.ts';
import { toText } from '../base/text.ts';
import { describeEvent } from '../client/event-text.ts';
import type { StreamRecord } from '../client/record-stream.ts';
import { timeOfDay } from '../client/time-of-day.ts';

/** `12:00:01.234  node-lost       web1  below east  lost 3 times in 10 minutes`. */
export function formatEvent(record: StreamRecord): string {
  const { at, event, node } = record;
  const words = [timeOfDay(at), toText(event).padEnd(14), toText(node)];
  return escapeLine([...words, ...describeEvent(record)].filter((it) => it !== '').join('  '));
}
