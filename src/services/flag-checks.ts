/**
 * What a daemon knows to be the matter with itself and its host, as flags of its own service. Each
 * check looks at what was seen and finds it bad, good, or neither; a flag is raised after some bad
 * looks in a row and lowered after as many good ones. Between the two bounds nothing changes, so
 * that a value which swings around one bound raises no flag again and again.
 */
import { formatDuration } from '../base/duration.ts';
import { formatBytes } from '../base/size.ts';
import { BUILTIN_SERVICE } from '../protocol/address.ts';
import { type FlagPriority, type FlagRecord, formatFlagKey } from '../protocol/flag.ts';
import { FLAG_MESSAGE_BYTES_MAX, FLAP_WINDOW_MS } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';
import type { FlagInput } from './flag-state.ts';
import { LinkPaces } from './link-paces.ts';

/** A link to another node, as it is now. */
export interface SeenLink {
  readonly peer: string;
  /** Whether its queue is so full that messages are dropped. */
  readonly isSlow: boolean;
  readonly rttMs: number | null;
}

/** A queue of durable messages, and which part of what it may hold it has, from 0 to 1. */
export interface BoxLevel {
  readonly box: string;
  readonly level: number;
}

/** Records of durable messages that were found broken since the daemon was started. */
export interface Damage {
  readonly brokenCount: number;
  /** Messages in them: those that were missed so far, and how many there may be; or Infinity. */
  readonly lostCount: number;
  readonly lostCountMax: number;
}

/** What a daemon sees when it looks. Null: it could not be seen, or was not looked at. */
export interface Seen {
  readonly links: readonly SeenLink[];
  /** Of the disk with the node's data. */
  readonly disk: { readonly availableBytes: number; readonly totalBytes: number } | null;
  readonly isClockRight: boolean | null;
  /** How often the uplink was lost within FLAP_WINDOW_MS. */
  readonly uplinkLosses: number;
  readonly boxes: readonly BoxLevel[];
  readonly deadCount: number;
  /** What the daemon has to write and the full disk does not take: paths. */
  readonly unwritten: readonly string[];
  /** Why the store of durable messages takes nothing; null while it does. */
  readonly storeTrouble: string | null;
  readonly damage: Damage;
}

/** What a check finds. */
interface Finding {
  readonly verdict: 'bad' | 'good' | 'neither';
  readonly priority: FlagPriority;
  readonly message: string;
}

interface Check {
  readonly section: string;
  readonly flag: string;
  /** Looks in a row that must agree. */
  readonly looks: number;
  look(seen: Seen, paces: LinkPaces): Finding | undefined;
}

const DISK_RAISE = { part: 0.1, bytes: 10 * 1_073_741_824 };
const DISK_LOWER = { part: 0.15, bytes: 15 * 1_073_741_824 };
const DISK_CRITICAL = { part: 0.02, bytes: 1_073_741_824 };
/** On a large disk a part is much: then so many bytes are enough. */
const roomOf = ({ part, bytes }: typeof DISK_RAISE, totalBytes: number): number =>
  Math.min(part * totalBytes, bytes);

const BOX_RAISE = 0.9;
const BOX_LOWER = 0.8;
const FLAPS_RAISE = 3;

function find(isBad: boolean, isGood: boolean, message: string): Finding {
  const verdict = isBad ? 'bad' : isGood ? 'good' : 'neither';
  return { verdict, priority: 'warning', message };
}

function lookAtDisk({ disk }: Seen): Finding | undefined {
  if (disk === null) return undefined;
  const { availableBytes, totalBytes } = disk;
  const room = `${formatBytes(availableBytes)} of ${formatBytes(totalBytes)} are free`;
  const isBad = availableBytes < roomOf(DISK_RAISE, totalBytes);
  const found = find(isBad, availableBytes >= roomOf(DISK_LOWER, totalBytes), room);
  const isCritical = availableBytes < roomOf(DISK_CRITICAL, totalBytes);
  return isCritical ? { ...found, priority: 'critical' } : found;
}

function lookAtUnwritten({ unwritten }: Seen): Finding {
  const isBad = unwritten.length > 0;
  const message = `written when there is room again: ${unwritten.join(', ')}`;
  return { ...find(isBad, !isBad, message), priority: 'error' };
}

function lookAtLinks({ links }: Seen, paces: LinkPaces): Finding {
  const { slow, between } = paces.look(links);
  return find(slow.length > 0, between.length === 0, `it does not keep up: ${foldNames(slow)}`);
}

function lookAtClock({ isClockRight }: Seen): Finding | undefined {
  if (isClockRight === null) return undefined;
  return find(!isClockRight, isClockRight, 'nothing keeps the clock of the host right');
}

function lookAtUplink({ uplinkLosses }: Seen): Finding {
  const window = formatDuration(FLAP_WINDOW_MS);
  const message = `the link to the parent was lost ${uplinkLosses} times in ${window}`;
  return find(uplinkLosses >= FLAPS_RAISE, uplinkLosses === 0, message);
}

function lookAtBoxes({ boxes }: Seen): Finding {
  const full = boxes.filter(({ level }) => level >= BOX_RAISE);
  const names = full.map(({ box, level }) => `${box} (${Math.floor(level * 100)} %)`);
  const isGood = boxes.every(({ level }) => level < BOX_LOWER);
  return find(full.length > 0, isGood, `more is refused soon: ${names.join(', ')}`);
}

function lookAtDead({ deadCount }: Seen): Finding {
  const letters = deadCount === 1 ? '1 dead letter' : `${deadCount} dead letters`;
  return find(deadCount > 0, deadCount === 0, `${letters}: dagent mailbox dead`);
}

function lookAtStore({ storeTrouble }: Seen): Finding {
  const isBad = storeTrouble !== null;
  return { ...find(isBad, !isBad, storeTrouble ?? ''), priority: 'error' };
}

/** It stays until the daemon is started anew: what was lost does not come back. */
function lookForBroken({ damage }: Seen): Finding {
  const { brokenCount, lostCount, lostCountMax } = damage;
  const records = brokenCount === 1 ? '1 record is' : `${brokenCount} records are`;
  const upTo = Number.isFinite(lostCountMax) ? `, with up to ${lostCountMax} messages` : '';
  const known = lostCount > 0 ? `, ${lostCount} messages are known to be lost` : '';
  const message = `${records} broken and set aside${upTo}${known}: dagent daemon logs`;
  return { ...find(brokenCount > 0, brokenCount === 0, message), priority: 'error' };
}

/** The flags of a daemon's own, in the order of docs/FLAGS.md. */
const CHECKS: readonly Check[] = [
  { section: 'disk', flag: 'nearly-full', looks: 2, look: lookAtDisk },
  { section: 'disk', flag: 'full', looks: 1, look: lookAtUnwritten },
  { section: 'links', flag: 'slow-peer', looks: 3, look: lookAtLinks },
  { section: 'clock', flag: 'not-synchronised', looks: 2, look: lookAtClock },
  { section: 'uplink', flag: 'flapping', looks: 1, look: lookAtUplink },
  { section: 'mailbox', flag: 'nearly-full', looks: 2, look: lookAtBoxes },
  { section: 'mailbox', flag: 'dead-letters', looks: 1, look: lookAtDead },
  { section: 'mailbox', flag: 'store-failed', looks: 1, look: lookAtStore },
  { section: 'mailbox', flag: 'broken-records', looks: 1, look: lookForBroken },
];

interface Alarm {
  readonly check: Check;
  isUp: boolean;
  /** Looks in a row that say otherwise. */
  streak: number;
  /** What was said last. */
  said: string;
}

/** Characters of a message that fit, whatever they are. */
const CUT_LENGTH = Math.floor(FLAG_MESSAGE_BYTES_MAX / 4) - 1;

function cut(text: string): string {
  const isFit = Buffer.byteLength(text) <= FLAG_MESSAGE_BYTES_MAX;
  return isFit ? text : `${text.slice(0, CUT_LENGTH)}...`;
}

export class FlagChecks {
  readonly #node: string;
  readonly #alarms: readonly Alarm[];
  readonly #paces = new LinkPaces();

  /** `up` are the flags of former runs: what is over by now is lowered. */
  constructor(node: string, up: ReadonlyMap<string, FlagRecord>) {
    this.#node = node;
    this.#alarms = CHECKS.map((check) => {
      const name = formatFlagKey({ service: BUILTIN_SERVICE, ...check });
      return { check, isUp: up.has(name), streak: 0, said: '' };
    });
  }

  /** What is to be said of the flags after another look. */
  look(seen: Seen): FlagInput[] {
    return this.#alarms
      .map((alarm) => this.#judge(alarm, alarm.check.look(seen, this.#paces)))
      .filter((input) => input !== undefined);
  }

  #judge(alarm: Alarm, found: Finding | undefined): FlagInput | undefined {
    if (found === undefined) return undefined;
    const { check, isUp } = alarm;
    const isOther = found.verdict === (isUp ? 'good' : 'bad');
    alarm.streak = isOther ? alarm.streak + 1 : 0;
    if (isOther && alarm.streak >= check.looks) {
      alarm.isUp = !isUp;
      alarm.streak = 0;
      return alarm.isUp ? this.#raise(alarm, found) : this.#lower(check);
    }
    const isNews = alarm.isUp && found.verdict === 'bad' && alarm.said !== sayingOf(found);
    return isNews ? this.#raise(alarm, found) : undefined;
  }

  #raise(alarm: Alarm, found: Finding): FlagInput {
    alarm.said = sayingOf(found);
    const { priority } = found;
    const wish = { priority, message: cut(found.message) };
    const by = `${this.#node}:${BUILTIN_SERVICE}`;
    return { kind: 'raise', key: keyOf(alarm.check), wish, by };
  }

  #lower(check: Check): FlagInput {
    return { kind: 'lower', key: keyOf(check), isByHand: false };
  }
}

function keyOf({ section, flag }: Check) {
  return { service: BUILTIN_SERVICE, section, flag };
}

/** What makes it worth saying again: figures that swing are not. */
function sayingOf({ priority, message }: Finding): string {
  return `${priority} ${message.replace(/\d+(\.\d+)? ?(%|[KMGT]iB|B)/g, '')}`;
}
