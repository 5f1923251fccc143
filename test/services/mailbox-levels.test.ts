import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { MailboxDriver } from '../../src/services/mailbox-driver.ts';
import { measureLevels } from '../../src/services/mailbox-levels.ts';

type Filled = Readonly<Record<'count' | 'deadCount' | 'bytes' | 'deadBytes', number>>;

/** A driver of which only the boxes and the quota are looked at. */
function driverOf(boxes: Readonly<Record<string, Partial<Filled>>>): MailboxDriver {
  const empty = { count: 0, deadCount: 0, bytes: 0, deadBytes: 0 };
  const all = Object.entries(boxes).map(([name, filled]) => ({ name, ...empty, ...filled }));
  const config = { quotaCount: 100, quotaBytes: 1_000 };
  return { config, boxes: () => all } as unknown as MailboxDriver;
}

test('a box is as full as the fuller of its two bounds says, dead letters included', () => {
  const { boxes, deadCount } = measureLevels(
    driverOf({
      'a:x': { count: 40, deadCount: 20, bytes: 10 },
      'b:x': { bytes: 800, deadBytes: 150 },
      'c:x': { count: 10 },
    }),
  );
  assert.equal(boxes, [
    { box: 'b:x', level: 0.95 },
    { box: 'a:x', level: 0.6 },
  ]);
  assert.is(deadCount, 20);
});

test('of very many boxes the fullest are named; without a store there are none', () => {
  const many = Array.from({ length: 40 }, (_, at) => [`n${at}:x`, { count: 60 + at }] as const);
  const { boxes } = measureLevels(driverOf(Object.fromEntries(many)));
  assert.is(boxes.length, 8);
  assert.equal(boxes[0], { box: 'n39:x', level: 0.99 });
  assert.equal(measureLevels(undefined), { boxes: [], deadCount: 0 });
});

test.run();
