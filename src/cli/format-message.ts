/** A message or an event, for people and as a record. */
import { escapeLine } from '../base/escape.ts';
import type { Incoming } from '../client/index.ts';

/** `from COMMAND name=value ... data`, on one line. */
export function formatMessage(message: Incoming): string {
  return formatLine([message.from, message.command], message);
}

/** `topic from name=value ... data`, on one line. */
export function formatEvent(event: Incoming): string {
  return formatLine([event.to, event.from], event);
}

function formatLine(words: readonly string[], { params, data }: Incoming): string {
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const text = data.length === 0 ? [] : [data.toString('utf8')];
  return escapeLine([...words, ...given, ...text].join(' '));
}

function toData({ data }: Incoming): Record<string, string> {
  const text = data.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(data);
  return isText ? { data: text } : { data: data.toString('base64'), enc: 'base64' };
}

/**
 * The record of `listen --json`. `at` is when it came, RFC 3339. Data that is no UTF-8 is in
 * base64.
 */
export function toRecord(message: Incoming, at: string): Record<string, unknown> {
  const { sn, from, to, command, params } = message;
  return { sn, from, to, command, params, ...toData(message), at };
}

/** The record of `subscribe --json`, likewise. */
export function toEventRecord(event: Incoming, at: string): Record<string, unknown> {
  const { sn, from, to: topic, params } = event;
  return { sn, topic, from, params, ...toData(event), at };
}
