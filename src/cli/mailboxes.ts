/** What the commands about mailboxes share: which node has a box, and how it is shown. */
import * as Flags from '@oclif/core/flags';
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { formatBytes } from '../base/size.ts';
import { encodeData } from '../base/text.ts';
import type { Client } from '../client/client.ts';
import { type BoxRecord, describeBox, listBoxes } from '../client/mailboxes.ts';
import { BUILTIN_SERVICE, parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { viaFlags } from './base.ts';
import { printLine, printRecord } from './output.ts';
import { wordArg } from './words.ts';

export const mailboxFlags = {
  at: Flags.string({
    helpValue: 'NODE',
    description: 'Node that has the box; the one in its name otherwise',
  }),
  ...viaFlags,
};

/** Which messages of a box are shown, and how. */
export const peekFlags = {
  count: Flags.integer({
    helpValue: 'N',
    char: 'c',
    min: 1,
    description: 'Show so many (10; at most 1000)',
  }),
  from: Flags.integer({ helpValue: 'N', min: 0, description: 'Begin at this position' }),
  json: Flags.boolean({ description: 'Print NDJSON' }),
  ...mailboxFlags,
};

export const boxArg = wordArg({
  required: true,
  description: 'NODE:SERVICE; :SERVICE for what waits for a node to have it',
});

/** A message as `mailbox.peek` tells it. */
export interface LetterRecord {
  readonly position: number;
  readonly id: string;
  readonly from: string;
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
  readonly failures: readonly { readonly atMs: number; readonly reason: string }[];
}

/** The name of a box, and the node that has it. Throws E_ADDRESS_INVALID. */
export function findBox(
  client: Client,
  text: string,
  at: string | undefined,
): { readonly box: string; readonly node: string } {
  const address = parseAddress(text.startsWith(':') ? text.slice(1) : text);
  if (address === undefined || address.service === BUILTIN_SERVICE) {
    throw new DagentError('E_ADDRESS_INVALID', { address: text });
  }
  // Without a node it may be the mailbox of a service of this one, as people call it.
  const named = address.node === '' && !text.startsWith(':') ? client.node : address.node;
  return { box: `${named}:${address.service}`, node: at ?? (named || client.node) };
}

/** Asks a node about its mailboxes. */
export function askMailbox<T>(
  client: Client,
  node: string,
  method: string,
  args: readonly unknown[] = [],
): Promise<T> {
  return client.call(`${node}:`, `mailbox.${method}`, args) as Promise<T>;
}

const HEAD = ['MAILBOX', 'KIND', 'WAITING', 'SIZE', 'LEASED', 'DEAD', 'OLDEST', 'STATE'];

/** Rows of a table of boxes, with its heading. */
export function boxRows(
  boxes: readonly BoxRecord[],
  nowMs: number,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const rows = boxes.map((box) => {
    const { oldestAtMs } = box;
    const age = oldestAtMs === null ? '-' : formatDuration(Math.max(0, nowMs - oldestAtMs));
    const counts = [box.count, formatBytes(box.bytes), box.leased, box.dead].map(String);
    return [box.box, box.kind, ...counts, age, describeBox(box)];
  });
  return { head: HEAD, rows };
}

/** A message on one line, and what was tried with it below. */
function formatLetter(letter: LetterRecord): string {
  const { position, id, from, sentAtMs, command, params, data, failures } = letter;
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const text = data.length === 0 ? [] : [Buffer.from(data).toString('utf8')];
  const at = new Date(sentAtMs).toISOString();
  const line = [String(position), at, id, from, command, ...given, ...text].join(' ');
  const tried = failures.map(({ atMs, reason }) => `    ${new Date(atMs).toISOString()} ${reason}`);
  return [line, ...tried].map(escapeLine).join('\n');
}

/** The same as a record; data that is no UTF-8 is in base64. */
function letterRecord(letter: LetterRecord): Record<string, unknown> {
  return { ...letter, ...encodeData(Buffer.from(letter.data)) };
}

/** What to show of a box, and from which node. */
export interface PeekWish {
  readonly at?: string | undefined;
  readonly count?: number | undefined;
  readonly from?: number | undefined;
  readonly json: boolean;
}

/** Prints messages of a box; that there are none on stderr. Throws E_BOX_UNKNOWN. */
export async function printLetters(
  client: Client,
  name: string,
  what: 'waiting' | 'dead',
  { at, count, from, json }: PeekWish,
): Promise<void> {
  const { box, node } = findBox(client, name, at);
  const wish = { what, count, from };
  const letters = await askMailbox<LetterRecord[]>(client, node, 'peek', [box, wish]);
  for (const letter of letters) {
    if (json) printRecord(letterRecord(letter));
    else printLine(formatLetter(letter));
  }
  if (letters.length > 0) return;
  if ((await listBoxes(client, node, { box })).length === 0) {
    throw new DagentError('E_BOX_UNKNOWN', { box, node });
  }
  const none = what === 'dead' ? 'no dead letters' : 'nothing waits';
  process.stderr.write(
    `${none} in ${box} at ${node}${from === undefined ? '' : ' from there on'}\n`,
  );
}
