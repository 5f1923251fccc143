/** What ran below a daemon that was killed is ended by the next one: nobody else looks after it. */
import type { CommandLedger } from '../adapters/command-ledger.ts';
import { signalGroup } from '../adapters/process-groups.ts';
import { StrayFinder } from '../adapters/stray-finder.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { EXEC_GRACE_MS } from '../protocol/limits.ts';
import { StrayHunt } from '../services/stray-hunt.ts';

interface Components {
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of the node. */
  readonly node: string;
}

/**
 * TERM for the group of each, and for what it has started outside of that; the grace, KILL. Returns
 * what leaves the rest to the next daemon.
 */
export function endLeftovers(ledger: CommandLedger, { clock, log, node }: Components): () => void {
  const { left } = ledger;
  const running = left.filter((each) => signalGroup(each, 'SIGTERM'));
  for (const each of left) if (!running.includes(each)) ledger.remove(each.slot);
  if (running.length === 0) return () => undefined;
  const pids = running.map(({ pid }) => pid);
  const finder = new StrayFinder();
  const hunts = running.map(({ pid, startTicks, job }) => {
    const env = { DAGENT_JOB_ID: job, DAGENT_TARGET: node };
    return new StrayHunt(finder.of({ env, startTicks, isOwn: ({ group }) => group === pid }));
  });
  for (const hunt of hunts) void hunt.look('SIGTERM');
  log.warn('ending the commands of a daemon that was killed', { pids });
  return clock.after(EXEC_GRACE_MS, () => {
    for (const hunt of hunts) void hunt.look('SIGKILL');
    for (const each of running) {
      signalGroup(each, 'SIGKILL');
      ledger.remove(each.slot);
    }
  });
}
