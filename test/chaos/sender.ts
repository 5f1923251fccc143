/**
 * Sends numbered durable messages until it is killed: `sender.ts VIA TO FILE LAST`. What is stored
 * stands in FILE, one number to a line; it goes on behind the last one without a gap, with the same
 * ids as before.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../src/client/index.ts';

const [via = '', to = '', file = '', last = '0'] = process.argv.slice(2);
/** Messages on their way at a time. */
const FLIGHT = 20;
const PAUSE_MS = 20;
const SENDER = '00000000000000c5';

const known = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').map(Number) : []);
let next = 1;
while (known.has(next)) next++;

const client = await connect({ via, waitMs: Number.POSITIVE_INFINITY });

async function work(): Promise<void> {
  while (next <= Number(last)) {
    const number = next++;
    const more = {
      durable: true,
      id: `${SENDER}.${number}`,
      params: { number: String(number) },
    } as const;
    await client.send(to, 'N', more);
    appendFileSync(file, `${number}\n`);
    // Not as fast as it can: what is looked for are crashes, and not numbers.
    await wait(PAUSE_MS);
  }
}

await Promise.all(Array.from({ length: FLIGHT }, work));
await client.close();
