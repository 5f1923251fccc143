/** Counts messages until the last one. A callback: faster here than the library's iterator. */
import { connect } from '@nats-io/transport-node';
import { nowMs } from '../clock.ts';
import { BODY_BYTES } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { url } = readOptions<{ url: string }>();
const client = await connect({ servers: url });
const ended = Promise.withResolvers<void>();
let received = 0;
client.subscribe('bench', {
  callback(error, message) {
    if (error) ended.reject(error);
    else if (message.data.length === BODY_BYTES) received++;
    else ended.resolve();
  },
});
await client.flush();
await waitForGo();
await ended.promise;
await report({ received, endMs: nowMs() });
await client.close();
