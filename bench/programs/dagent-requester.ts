/** Asks, one at a time and then many at once. */
import { connect } from 'dagent';
import type { RequestLoad } from '../requests.ts';
import { endWith } from './dagent-closed.ts';
import { createBody, measureLatency, measureRate } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { home, direct, load } = readOptions<{ home: string; direct: boolean; load: RequestLoad }>();
const client = await connect({ home, reconnect: false, direct });
endWith(client);
const to = `${client.node}:bench`;
const data = createBody();
const request = () => client.request(to, 'ECHO', { data, timeoutMs: load.timeoutMs });
await waitForGo();
const latency = await measureLatency(request, load.latency);
const rate = await measureRate(request, load.pipelined, load.inFlight);
await report({ ...latency, rate });
await client.close();
