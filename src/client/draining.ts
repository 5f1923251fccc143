/** The end of a program in good order: nothing new is taken, and what has begun is finished. */
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Line } from '../endpoint/line.ts';
import type { Link } from './link.ts';
import type { ClientParts } from './parts.ts';

/** Settles when all connections are as `is` says; it is asked whenever an exchange has ended. */
function untilAll(endpoint: Endpoint, is: (line: Line) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { lines } = endpoint;
      if (!lines.every(is)) return;
      for (const line of lines) line.onSettled = undefined;
      resolve();
    };
    for (const line of endpoint.lines) line.onSettled = look;
    look();
  });
}

/** Settles when the daemon has read what was sent; a connection that broke reads nothing more. */
async function untilRead(link: Link): Promise<void> {
  link.endpoint.writer.flush();
  await link.confirmations.read().catch(() => undefined);
}

/**
 * Settles when all that has come is dealt with, all that was asked has its outcome, all that was
 * sent durably is stored, what was reported is counted, and the daemon has all the rest.
 */
export async function drain(parts: ClientParts): Promise<void> {
  const { standing, claims, deposits, readers, reports } = parts;
  // An answer goes out in the name of its service: names are given back behind it.
  claims.drain(standing.link);
  const answered = untilAll(standing.link.endpoint, ({ answering }) => answering.isEmpty);
  await Promise.all([answered, readers.drainDurable()]);
  claims.releaseAll(standing.link);
  // What the daemon had sent by then is here then.
  await untilRead(standing.link);
  await Promise.all([readers.drain(), deposits.idle(), reports.finish()]);
  await untilAll(standing.link.endpoint, ({ isIdle }) => isIdle);
  await standing.link.outflow.drained();
  await untilRead(standing.link);
}
