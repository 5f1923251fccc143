/** Pieces of outboxes as nodes send them to each other. What comes may be anything. */
import type { Transfer } from './io.ts';
import { encodeMessages, isCount, isDrawnId, parseMessages } from './message.ts';

/** A piece as the arguments of a call: the name of the box, and where the piece belongs. */
export function encodeTransfer({ box, origin, after, messages }: Transfer): readonly unknown[] {
  return [box, origin, after, encodeMessages(messages)];
}

/** A piece from the arguments of a call, or undefined for what is none. It is a copy. */
export function parseTransfer(args: readonly unknown[]): Transfer | undefined {
  const [box, origin, after, bytes] = args;
  if (typeof box !== 'string' || !isDrawnId(origin) || !isCount(after)) return undefined;
  const messages = bytes instanceof Uint8Array ? parseMessages(Buffer.from(bytes)) : undefined;
  const isAhead = messages !== undefined && messages[0]!.position > after;
  return isAhead ? { box, origin, after, messages } : undefined;
}
