/**
 * Runs simulations of mailboxes:
 *
 *     npm run sim:mailbox -- [--seed 1] [--seeds 1]
 *
 * Each seed is a simulation of its own. A seed that fails does so again, in the same way, and its
 * plan is printed. Ends with 1 when one failed.
 */
import { parseArgs } from 'node:util';
import { drawMailboxPlan } from './mailbox-plan.ts';
import { simulateMailboxes } from './mailbox-simulation.ts';

function readNumber(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} needs a whole number, not ${text}`);
}

function formatCounts(counts: object): string {
  return Object.entries(counts)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === 'number' ? Math.round(value * 1e3) / 1e3 : value}`,
    )
    .join(' ');
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
  },
});
const first = readNumber(values.seed, 'seed');
const count = readNumber(values.seeds, 'seeds');
const totals: Record<string, number> = {};
let failed = 0;
for (let seed = first; seed < first + count; seed++) {
  const plan = drawMailboxPlan(seed);
  try {
    for (const [name, value] of Object.entries(simulateMailboxes(plan))) {
      totals[name] = (totals[name] ?? 0) + value;
    }
  } catch (thrown) {
    failed++;
    const text = thrown instanceof Error ? thrown.stack : String(thrown);
    process.stdout.write(`FAILED ${text}\n  ${formatCounts(plan)}\n`);
    process.stdout.write(`  again: npm run sim:mailbox -- --seed ${seed}\n`);
  }
}
process.stdout.write(`${formatCounts(totals)}\n${count - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
