/** Calls a method of an object, one at a time and then many at once. */
import { connect } from 'dagent';
import type { RequestLoad } from '../requests.ts';
import { endWith } from './dagent-closed.ts';
import { ANSWER, ARGS, CNTR, KWS } from './dog.ts';
import { measureLatency, measureRate } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { home, direct, load } = readOptions<{ home: string; direct: boolean; load: RequestLoad }>();
const client = await connect({ home, direct });
endWith(client);
const to = `${client.node}:kennel`;
const options = { cntr: CNTR, kws: KWS, timeoutMs: load.timeoutMs };
const call = async (): Promise<void> => {
  const answer = await client.call(to, 'Dog.bark', ARGS, options);
  if (answer !== ANSWER) throw new Error(`not the answer: ${answer}`);
};
await waitForGo();
const latency = await measureLatency(call, load.latency);
const rate = await measureRate(call, load.pipelined, load.inFlight);
await report({ ...latency, rate });
await client.close();
