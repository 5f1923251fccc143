/** Calls a method of an object, one at a time and then many at once. */
import { connect } from '@nats-io/transport-node';
import type { RequestLoad } from '../requests.ts';
import { ANSWER, ARGS, CNTR, KWS } from './dog.ts';
import { measureLatency, measureRate } from './load.ts';
import type { NatsCall } from './nats-callee.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { url, load } = readOptions<{ url: string; load: RequestLoad }>();
const client = await connect({ servers: url });
const call = async (): Promise<void> => {
  const wanted: NatsCall = { method: 'bark', cntr: CNTR, args: ARGS, kws: KWS };
  const reply = await client.request('kennel', JSON.stringify(wanted), { timeout: load.timeoutMs });
  const answer = reply.json();
  if (answer !== ANSWER) throw new Error(`not the answer: ${answer}`);
};
await waitForGo();
const latency = await measureLatency(call, load.latency);
const rate = await measureRate(call, load.pipelined, load.inFlight);
await report({ ...latency, rate });
await client.close();
