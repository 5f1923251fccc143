/** Messages, requests and events as a plugin reads and answers them: lines of JSON. */
import { encodeData, toText } from '../base/text.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import { readParams } from '../endpoint/incoming.ts';

/** What a plugin is told of a message, or of a request. */
export function toMessageLine({ from, command, params, data, sn }: Incoming): object {
  return { command, params, from, sn, ...encodeData(data) };
}

/** What a plugin is told of an event. */
export function toEventLine({ to, from, params, data, sn }: Incoming): object {
  return { topic: to, params, from, sn, ...encodeData(data) };
}

interface Reply {
  readonly command?: string;
  readonly params?: Record<string, string>;
  readonly data?: Buffer;
}

/** The reply in the value that a plugin answered to a request: a text is its data. */
export function readReply(value: unknown): Reply {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object') return { data: Buffer.from(toText(value)) };
  const { command, params, data, enc } = value as Readonly<Record<string, unknown>>;
  const encoding = enc === 'base64' ? 'base64' : 'utf8';
  return {
    ...(command === undefined ? {} : { command: toText(command) }),
    ...(params === undefined ? {} : { params: { ...readParams(params) } }),
    ...(data === undefined ? {} : { data: Buffer.from(toText(data), encoding) }),
  };
}
