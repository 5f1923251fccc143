/** What people ask of mailboxes: to look into them, to throw away, to try once more. */
import type { Method } from '../endpoint/methods.ts';
import type { ShownLetter } from '../mailbox/message.ts';
import type { Box } from '../mailbox/state.ts';
import { decodeContent, formatId } from '../protocol/durable.ts';
import type { PartialSample } from '../protocol/figures.ts';
import { readBoxName, readPeek, readPositions } from './mailbox-args.ts';
import type { MailboxDriver } from './mailbox-driver.ts';

/** What `mailbox.ls` says of a box. */
function describeBox(box: Box): Record<string, unknown> {
  const { name, isLocal, node, count, bytes, deadCount, deadBytes, receivers, held } = box;
  const kind = isLocal ? 'mailbox' : 'outbox';
  const leased = isLocal ? held.size : 0;
  const counts = { count, bytes, dead: deadCount, deadBytes, leased, receivers: receivers.length };
  const { error } = box.sending;
  const to = isLocal || node !== '' ? node : (box.resolved?.node ?? null);
  return { box: name, kind, node: to, ...counts, error: error?.code ?? null };
}

/** A message as people see it: its content is read, as far as it is one of ours. */
function describeLetter({ position, message, failures }: ShownLetter): Record<string, unknown> {
  const { from, sentAtMs, expiresAtMs, content } = message;
  const { command, params, data } = decodeContent(content);
  const id = formatId(message);
  const letter = { position, id, from, sentAtMs, expiresAtMs, command, params, data };
  return { ...letter, failures };
}

/** The first message of a box that waits tells the age of all. */
async function findOldest(driver: MailboxDriver, { name, count }: Box): Promise<number | null> {
  if (count === 0) return null;
  const wish = { box: name, what: 'waiting', from: 0, countMax: 1 } as const;
  const { letters } = await driver.ask('peeked', (reply) => ({ kind: 'peek', ...wish, reply }));
  return letters[0]?.message.sentAtMs ?? null;
}

/** Boxes of which the oldest message is looked for: each costs a record that is read. */
const FIGURED_BOXES_MAX = 100;

/** How much waits at this node, and how long. */
export async function collectFigures(driver: MailboxDriver): Promise<PartialSample> {
  const boxes = [...driver.boxes()];
  const full = boxes.filter(({ count }) => count > 0).slice(0, FIGURED_BOXES_MAX);
  const times = await Promise.all(full.map((box) => findOldest(driver, box)));
  const known = times.filter((time) => time !== null);
  return {
    durableWaiting: boxes.reduce((sum, { count }) => sum + count, 0),
    durableDead: boxes.reduce((sum, { deadCount }) => sum + deadCount, 0),
    ...(known.length === 0 ? {} : { durableOldestAtMs: Math.min(...known) }),
  };
}

/** The boxes that have something or somebody; or the one of a name, also if that had it once. */
async function listBoxes(driver: MailboxDriver, wanted: unknown): Promise<unknown[]> {
  const boxes = [...driver.boxes()].filter(({ name, count, deadCount, receivers }) =>
    typeof wanted === 'string' ? name === wanted : count + deadCount + receivers.length > 0,
  );
  const told = boxes.map(async (box) => ({
    ...describeBox(box),
    oldestAtMs: await findOldest(driver, box),
  }));
  return Promise.all(told);
}

/** The methods; `open` opens the store first. */
export function createMailboxOrders(open: () => Promise<MailboxDriver>): Record<string, Method> {
  return {
    'mailbox.ls': {
      doc: 'The mailboxes and outboxes of this node that have something or somebody, or that one.',
      args: ['[box]'],
      run: async ([box]) => listBoxes(await open(), box),
    },
    'mailbox.peek': {
      doc: 'Messages of a box, and what was tried with them.',
      args: ['box', '{what, from, count}'],
      run: async (args) => {
        const wish = readPeek(args);
        const driver = await open();
        const { letters } = await driver.ask('peeked', (reply) => ({
          kind: 'peek',
          ...wish,
          reply,
        }));
        return letters.map(describeLetter);
      },
    },
    'mailbox.purge': {
      doc: 'Throws away what waits in a box, or its dead letters; returns how many.',
      args: ['box', 'what'],
      run: async ([name, wanted]) => {
        const box = readBoxName(name, 'purge');
        const what = wanted === 'dead' ? 'dead' : 'waiting';
        const driver = await open();
        return (await driver.ask('done', (reply) => ({ kind: 'purge', box, what, reply }))).count;
      },
    },
    'mailbox.redeliver': {
      doc: 'Lets dead letters wait again, those at these positions or all; returns how many.',
      args: ['box', 'positions'],
      run: async ([name, list]) => {
        const box = readBoxName(name, 'redeliver');
        const isAll = list === undefined || list === null;
        const positions = isAll ? null : readPositions(list, 'redeliver');
        const order = { kind: 'redeliver', box, positions } as const;
        return (await (await open()).ask('done', (reply) => ({ ...order, reply }))).count;
      },
    },
  };
}
