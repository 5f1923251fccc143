/** Publishes to a stream on disk, one at a time and then many at once; each is confirmed. */
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { DurableLoad } from '../durable.ts';
import { openStream } from './jetstream-stream.ts';
import { createBody, measureLatency, measureRate } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { url, load } = readOptions<{ url: string; load: DurableLoad }>();
const client = await connect({ servers: url });
const { subject } = await openStream(client);
const stream = jetstream(client);
const body = createBody();
let stored = 0;
const deposit = async () => {
  await stream.publish(subject, body);
  stored++;
};
await waitForGo();
const latency = await measureLatency(deposit, load.latency);
const rate = await measureRate(deposit, load.pipelined, load.inFlight);
await report({ ...latency, rate, stored });
await client.close();
