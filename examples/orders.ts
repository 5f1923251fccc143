/**
 * Durable messages: what was stored is worked off once, whoever crashes in between.
 *
 *     dagent daemon start --name root --role root
 *     node examples/orders.ts receive      # kill it, start it again
 *     node examples/orders.ts send 100
 *     dagent mailbox ls
 */
import { connect, workOff } from 'dagent';

const [mode = 'receive', count = '10'] = process.argv.slice(2);
const end = new AbortController();
process.once('SIGINT', () => end.abort());

if (mode === 'send') {
  const client = await connect();
  for (let id = 1; id <= Number(count); id++) {
    // Settles when it is on disk; here many are on their way at a time.
    client
      .send('orders', 'NEW', { durable: true, params: { id: String(id) } })
      .catch(console.error);
  }
  await client.drain();
  console.log(`${count} are stored`);
} else {
  // What it returns from is done; what it throws at comes again.
  await workOff('orders', { signal: end.signal }, ({ command, params, from }) => {
    console.log(`${from}: ${command} ${params.id}`);
  });
}
