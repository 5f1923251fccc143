/** Asks, one at a time and then many at once. */
import { connect } from '@nats-io/transport-node';
import type { RequestLoad } from '../requests.ts';
import { createBody, measureLatency, measureRate } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { url, load } = readOptions<{ url: string; load: RequestLoad }>();
const client = await connect({ servers: url });
const body = createBody();
const request = () => client.request('bench', body, { timeout: load.timeoutMs });
await waitForGo();
const latency = await measureLatency(request, load.latency);
const rate = await measureRate(request, load.pipelined, load.inFlight);
await report({ ...latency, rate });
await client.close();
