/** A message or an event, for people and as a record. */
import { escapeLine } from '../base/escape.ts';
import { encodeData } from '../base/text.ts';
import type { Incoming, Letter } from '../client/index.ts';

/** What goes along with what is shown. */
type Shown = Pick<Incoming, 'params' | 'data'>;

/** `from COMMAND name=value ... data`, on one line. */
export function formatMessage(message: Shown & Pick<Incoming, 'from' | 'command'>): string {
  return formatLine([message.from, message.command], message);
}

/** `topic from name=value ... data`, on one line. */
export function formatEvent(event: Incoming): string {
  return formatLine([event.to, event.from], event);
}

function formatLine(words: readonly string[], { params, data }: Shown): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const text = data.length === 0 ? [] : [data.toString('utf8')];
  return escapeLine([...words, ...given, ...text].join(' '));
}

/**
 * The record of `listen --json`. `at` is when it came, RFC 3339. Data that is no UTF-8 is in
 * base64.
 */
export function toRecord(message: Incoming, at: string): Record<string, unknown> {
  const { sn, from, to, command, params } = message;
  return { sn, from, to, command, params, ...encodeData(message.data), at };
}

/** The record of `listen --durable --json`: likewise, with the id and what was tried. */
export function toLetterRecord(letter: Letter, to: string, at: string): Record<string, unknown> {
  const { id, from, command, params, attempt, isRepeated, sentAtMs } = letter;
  const sentAt = new Date(sentAtMs).toISOString();
  const tried = { attempt, isRepeated, sentAt, at };
  return { id, from, to, command, params, ...encodeData(letter.data), ...tried };
}

/** The record of `subscribe --json`, likewise. */
export function toEventRecord(event: Incoming, at: string): Record<string, unknown> {
  const { sn, from, to: topic, params } = event;
  return { sn, topic, from, params, ...encodeData(event.data), at };
}
