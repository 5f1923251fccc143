/** What ran below a daemon that was killed is ended by the next one: nobody else looks after it. */
import type { CommandLedger } from '../adapters/command-ledger.ts';
import { signalGroup } from '../adapters/process-groups.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { EXEC_GRACE_MS } from '../protocol/limits.ts';

/** TERM for the group of each, the grace, KILL. Returns what leaves the rest to the next daemon. */
export function endLeftovers(ledger: CommandLedger, clock: Clock, log: Logger): () => void {
  const { left } = ledger;
  const running = left.filter((each) => signalGroup(each, 'SIGTERM'));
  for (const each of left) if (!running.includes(each)) ledger.remove(each.slot);
  if (running.length === 0) return () => undefined;
  const pids = running.map(({ pid }) => pid);
  log.warn('ending the commands of a daemon that was killed', { pids });
  return clock.after(EXEC_GRACE_MS, () => {
    for (const each of running) {
      signalGroup(each, 'SIGKILL');
      ledger.remove(each.slot);
    }
  });
}
