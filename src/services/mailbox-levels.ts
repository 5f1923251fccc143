/** How full the queues of durable messages are. */
import type { Box } from '../mailbox/state.ts';
import type { BoxLevel } from './flag-checks.ts';
import type { MailboxDriver } from './mailbox-driver.ts';

/** Boxes that are named at most, the fullest first. */
const NAMED_MAX = 8;
/** Emptier ones are not named. */
const NAMED_LEVEL = 0.5;

export interface MailboxLevels {
  readonly boxes: readonly BoxLevel[];
  readonly deadCount: number;
}

/** The fullest boxes, and all dead letters; none while the store is not open. */
export function measureLevels(driver: MailboxDriver | undefined): MailboxLevels {
  if (driver === undefined) return { boxes: [], deadCount: 0 };
  const { quotaCount, quotaBytes } = driver.config;
  const levelOf = ({ count, deadCount, bytes, deadBytes }: Box): number =>
    Math.max((count + deadCount) / quotaCount, (bytes + deadBytes) / quotaBytes);
  const boxes: BoxLevel[] = [];
  let deadCount = 0;
  for (const box of driver.boxes()) {
    deadCount += box.deadCount;
    const level = levelOf(box);
    if (level >= NAMED_LEVEL) boxes.push({ box: box.name, level });
  }
  boxes.sort((a, b) => b.level - a.level);
  return { boxes: boxes.slice(0, NAMED_MAX), deadCount };
}
