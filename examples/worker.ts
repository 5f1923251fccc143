/**
 * A long-lived service that works off durable messages. With a daemon running on this host:
 *
 *     node examples/worker.ts           # Ctrl-C ends it in good order; kill -9 loses nothing
 *     node examples/submit.ts 100       # in another terminal, before or after
 *     dagent mailbox ls
 *
 * It may start before its daemon, and goes on when that was killed. Each order is handed to it
 * once.
 */
import { type ClientStatus, type Letter, workOff } from 'dagent';

const end = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end.abort());

/** What people who look after it want to know; what is tried again in between is not shown. */
function onStatus(status: ClientStatus): void {
  if (status.kind === 'retrying') return;
  const reason = 'error' in status && status.error !== undefined ? `: ${status.error.message}` : '';
  process.stderr.write(`worker: ${status.kind}${reason}\n`);
}

/** What it returns from is done. What it throws at comes again later, ten times at most. */
function work({ command, params, from, isRepeated }: Letter): void {
  if (params.id === undefined) throw new Error('an order has an id');
  const again = isRepeated ? ' (somebody may have begun with it)' : '';
  process.stdout.write(`${from}: ${command} ${params.id}${again}\n`);
}

process.stderr.write('worker: waiting for orders; Ctrl-C ends it\n');
await workOff('orders', { signal: end.signal, onStatus }, work);
process.stderr.write('worker: what it had begun is done and acked\n');
