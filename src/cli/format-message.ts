/** A message for people, and as a record. */
import { escapeLine } from '../base/escape.ts';
import type { Incoming } from '../client/index.ts';

/** `from COMMAND name=value ... data`, on one line. */
export function formatMessage(message: Incoming): string {
  const params = Object.entries(message.params).map(([name, value]) => `${name}=${value}`);
  const data = message.data.length === 0 ? [] : [message.data.toString('utf8')];
  return escapeLine([message.from, message.command, ...params, ...data].join(' '));
}

/**
 * The record of `listen --json`. `at` is when it came, RFC 3339. Data that is no UTF-8 is in
 * base64.
 */
export function toRecord(message: Incoming, at: string): Record<string, unknown> {
  const { sn, from, to, command, params } = message;
  const text = message.data.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(message.data);
  const data = isText ? { data: text } : { data: message.data.toString('base64'), enc: 'base64' };
  return { sn, from, to, command, params, ...data, at };
}
