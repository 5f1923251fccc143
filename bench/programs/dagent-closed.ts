/** A program that has lost its daemon has nothing left to measure. */
import type { Client } from 'dagent';

/** Ends this process with the reason when the connection of `client` breaks. */
export function endWith(client: Client): void {
  client.closed.then((error) => {
    if (error === undefined) return;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exit(1);
  });
}
