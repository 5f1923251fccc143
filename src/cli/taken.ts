/** Sending to many: nobody says what becomes of it, but that the daemon has taken it is known. */
import type { Client } from '../client/client.ts';
import { DagentError } from '../protocol/errors.ts';

/** Waits until the daemon has taken what was sent. Throws E_DEADLINE, or why it never will. */
export async function untilTaken(client: Client, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const values = { to: client.node, ms: timeoutMs };
    timer = setTimeout(() => reject(new DagentError('E_DEADLINE', values)), timeoutMs);
  });
  try {
    await Promise.race([client.taken(), late]);
  } finally {
    clearTimeout(timer);
  }
}
