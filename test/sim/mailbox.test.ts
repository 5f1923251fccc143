import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawMailboxPlan } from './mailbox-plan.ts';
import { simulateMailboxes } from './mailbox-simulation.ts';

/** `npm run sim:mailbox` runs others. */
const SEEDS = 300;

test(`what is stored is never lost, and what is acked never comes again, ${SEEDS} times`, () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      simulateMailboxes(drawMailboxPlan(seed));
    } catch (thrown) {
      const again = `npm run sim:mailbox -- --seed ${seed}`;
      throw new Error(`seed ${seed} fails; again: ${again}`, { cause: thrown });
    }
  }
});

test('a simulation does what it is there for', () => {
  const result = simulateMailboxes({
    ...drawMailboxPlan(7),
    faultyMs: 5_000,
    crashMs: 300,
    receiverCrashMs: 500,
  });
  assert.ok(result.crashCount > 5, `${result.crashCount} crashes`);
  assert.ok(result.storedCount > 20, `${result.storedCount} stored`);
  assert.ok(result.repeatedCount > 5, `${result.repeatedCount} repeated`);
});

test('one seed gives the same simulation each time', () => {
  const run = () => simulateMailboxes(drawMailboxPlan(5));
  assert.equal(run(), run());
});

test.run();
