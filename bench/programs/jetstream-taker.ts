/**
 * Takes messages of a stream and acks each. An ack is sent and not confirmed: it is done when the
 * server has read it, which is what costs JetStream least.
 */

import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { nowMs } from '../clock.ts';
import { openStream } from './jetstream-stream.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { url, count } = readOptions<{ url: string; count: number }>();
const client = await connect({ servers: url });
const { name, receiver } = await openStream(client);
const consumer = await jetstream(client).consumers.get(name, receiver);
await waitForGo();
const startMs = nowMs();
let acked = 0;
const { promise, resolve } = Promise.withResolvers<void>();
await consumer.consume({
  max_messages: 500,
  callback(message) {
    message.ack();
    if (++acked === count) resolve();
  },
});
await promise;
await client.flush();
const ackedRate = (acked / (nowMs() - startMs)) * 1_000;
await report({ ackedRate });
await client.close();
