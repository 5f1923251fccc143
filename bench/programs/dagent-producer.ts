/** Sends messages as fast as the library takes them, then one that says it was the last. */
import { connect } from 'dagent';
import { nowMs } from '../clock.ts';
import { endWith } from './dagent-closed.ts';
import { type Bounds, createBody, createEnd } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

/** Messages between two looks at the clock. */
const CLOCK_COUNT = 5_000;

interface Options {
  readonly home: string;
  readonly direct: boolean;
  readonly bounds: Bounds;
  /** The nodes of this program and of the consumer; one and the same when absent. */
  readonly from?: string;
  readonly to?: string;
}

const { home, direct, bounds, ...nodes } = readOptions<Options>();
const client = await connect({ home, reconnect: false, direct, via: nodes.from });
endWith(client);
const to = `${nodes.to ?? client.node}:bench`;
/**
 * Nothing slows a sender down whose receiver is at another node: what its queue does not hold is
 * dropped. So one between two looks at the clock is a request, which the receiver answers when it
 * has read all that was before it; one may be outstanding, as with the flush of nats.
 */
const isFar = nodes.to !== undefined;
await waitForGo();
const data = createBody();
const startMs = nowMs();
const untilMs = startMs + bounds.msMax;
let sent = 0;
let confirmed = Promise.resolve<unknown>(undefined);
while (sent < bounds.count) {
  const isLook = ++sent % CLOCK_COUNT === 0;
  if (isLook && isFar) {
    await confirmed;
    confirmed = client.request(to, 'COUNT', { data });
  } else if (!client.send(to, 'COUNT', { data })) {
    await client.drained();
  }
  if (isLook && nowMs() > untilMs) break;
}
await confirmed;
await client.deliver(to, 'COUNT', { data: createEnd() });
await report({ sent, startMs });
await client.close();
