/** What programs leave with their node: runs of messages, which go to the mailboxes one by one. */
import type { MailboxInput } from '../mailbox/io.ts';
import type { Clock } from '../ports/clock.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { countDeposits, type DepositArgs, readDeposit, readError } from './mailbox-args.ts';
import type { MailboxDriver, Outcomes } from './mailbox-driver.ts';

export interface DepositParts {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly driver: Pick<MailboxDriver, 'deposit'>;
  /** Name of the nearest node known here that has a service. */
  findNode(service: string): string | undefined;
  /** Messages wait for a service that no node is known to have. */
  onUnknown(): void;
}

function depositRun(parts: DepositParts, deposit: DepositArgs, from: string): Promise<Outcomes> {
  const { box, service, sender, sequence, ttlMs, contents } = deposit;
  const sentAtMs = parts.clock.wallMs();
  const expiresAtMs = ttlMs === 0 ? 0 : sentAtMs + ttlMs;
  const isOpen = box.startsWith(':');
  const via = isOpen ? (parts.findNode(service) ?? null) : null;
  const outcomes = parts.driver.deposit(contents.length, (index, reply): MailboxInput => {
    const id = { sender, sequence: sequence + index };
    const message = { ...id, from, sentAtMs, expiresAtMs, content: contents[index]! };
    return { kind: 'deposit', to: box, via, message, reply };
  });
  if (isOpen && via === null) parts.onUnknown();
  return outcomes;
}

/**
 * Leaves runs of messages, and settles with what became of each message when all are synced. What
 * is in the way of one run is in the way of that one only. Throws as {@link countDeposits}.
 */
export async function depositRuns(
  parts: DepositParts,
  runs: readonly unknown[],
  from: string,
): Promise<Outcomes> {
  const counts = countDeposits(runs);
  const outcomes = runs.map((run, index): Outcomes | Promise<Outcomes> => {
    try {
      return depositRun(parts, readDeposit(run), from);
    } catch (thrown) {
      return new Array<ErrorData>(counts[index]!).fill(readError(thrown));
    }
  });
  return (await Promise.all(outcomes)).flat();
}
