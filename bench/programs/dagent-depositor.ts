/** Leaves durable messages with its node, one at a time and then many at once. */
import { connect } from 'dagent';
import type { DurableLoad } from '../durable.ts';
import { endWith } from './dagent-closed.ts';
import { createBody, measureLatency, measureRate } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { home, load } = readOptions<{ home: string; load: DurableLoad }>();
const client = await connect({ home, reconnect: false });
endWith(client);
const to = `${client.node}:bench`;
const data = createBody();
let stored = 0;
const deposit = async () => {
  await client.send(to, 'COUNT', { data, durable: true });
  stored++;
};
await waitForGo();
const latency = await measureLatency(deposit, load.latency);
const rate = await measureRate(deposit, load.pipelined, load.inFlight);
await report({ ...latency, rate, stored });
await client.close();
