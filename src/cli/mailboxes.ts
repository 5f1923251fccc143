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
import { MAILBOX_PEEK_COUNT_MAX } from '../protocol/limits.ts';
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

const PEEK_COUNT_DEFAULT = 10;
/** Characters of a message that a terminal shows. */
const SHOWN_LENGTH_MAX = 2_000;

/** Which messages of a box are shown, and how. */
export const peekFlags = {
  count: Flags.integer({
    helpValue: 'N',
    char: 'c',
    min: 1,
    max: MAILBOX_PEEK_COUNT_MAX,
    description: `Show so many (${PEEK_COUNT_DEFAULT}; at most ${MAILBOX_PEEK_COUNT_MAX})`,
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

function shorten(line: string, lengthMax: number): string {
  if (line.length <= lengthMax) return line;
  return `${line.slice(0, lengthMax)}... ${line.length - lengthMax} more characters: --json`;
}

/** A message on one line, of so many characters at most, and what was tried with it below. */
export function formatLetter(letter: LetterRecord, lengthMax: number): string {
  const { position, id, from, sentAtMs, command, params, data, failures } = letter;
  const given = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const text = data.length === 0 ? [] : [Buffer.from(data).toString('utf8')];
  const at = new Date(sentAtMs).toISOString();
  const line = [String(position), at, id, from, command, ...given, ...text].join(' ');
  const tried = failures.map(({ atMs, reason }) => `    ${new Date(atMs).toISOString()} ${reason}`);
  return [line, ...tried].map((each) => escapeLine(shorten(each, lengthMax))).join('\n');
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

/** A box of a node. Throws E_BOX_UNKNOWN. */
export async function findKnownBox(client: Client, node: string, box: string): Promise<BoxRecord> {
  const boxes = await listBoxes(client, node, { box });
  const found = boxes.find((each) => each.box === box);
  if (found === undefined) throw new DagentError('E_BOX_UNKNOWN', { box, node });
  return found;
}

/** Prints messages of a box; that there are none on stderr. Throws E_BOX_UNKNOWN. */
export async function printLetters(
  client: Client,
  name: string,
  what: 'waiting' | 'dead',
  { at, count: countMax = PEEK_COUNT_DEFAULT, from = 0, json }: PeekWish,
): Promise<void> {
  const { box, node } = findBox(client, name, at);
  const lengthMax = process.stdout.isTTY ? SHOWN_LENGTH_MAX : Number.POSITIVE_INFINITY;
  let shownCount = 0;
  // A page has a bound in bytes: there may be more behind it.
  for (let next = from; shownCount < countMax; ) {
    const wish = { what, count: countMax - shownCount, from: next };
    const letters = await askMailbox<LetterRecord[]>(client, node, 'peek', [box, wish]);
    for (const letter of letters) {
      if (json) printRecord(letterRecord(letter));
      else printLine(formatLetter(letter, lengthMax));
    }
    const last = letters.at(-1);
    if (last === undefined) break;
    shownCount += letters.length;
    next = last.position + 1;
  }
  if (shownCount > 0) return;
  await findKnownBox(client, node, box);
  const none = what === 'dead' ? 'no dead letters' : 'nothing waits';
  process.stderr.write(`${none} in ${box} at ${node}${from === 0 ? '' : ' from there on'}\n`);
}
