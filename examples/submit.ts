/**
 * A script that leaves durable messages and ends. With a daemon running on this host:
 *
 *     node examples/submit.ts 100       # ends with 0 when all of them are stored on disk
 *
 * Nobody needs to be there to take them: see examples/worker.ts. Without a daemon it fails at once;
 * one that dies meanwhile is waited for.
 */
import { connect, DagentError } from 'dagent';

/** Longest time that the script takes: when the daemon does not come back, say. */
const TIMEOUT_MS = 30_000;

const count = Number(process.argv[2] ?? 10);
if (!Number.isInteger(count) || count < 1) {
  process.stderr.write('submit: say how many messages, 1 or more\n');
  process.exit(2);
}
try {
  const client = await connect();
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = Array.from({ length: count }, (_, at) => {
      const params = { id: String(at + 1) };
      return client.send('orders', 'NEW', { durable: true, params, signal });
    });
    await Promise.all(sent);
  } finally {
    await client.close();
  }
  process.stdout.write(`${count} are stored\n`);
} catch (error) {
  if (!(error instanceof DagentError)) throw error;
  process.stderr.write(`submit: ${error.message} [${error.code}]\n`);
  process.exitCode = error.exit;
}
