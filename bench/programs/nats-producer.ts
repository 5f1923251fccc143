/** Publishes messages as fast as the library can, then one that says it was the last. */
import { connect } from '@nats-io/transport-node';
import { nowMs } from '../clock.ts';
import { type Bounds, createBody, createEnd } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

/**
 * Messages between two flushes, of which one may be outstanding: it bounds the client's memory, and
 * was the fastest of what we tried (no flush at all; each awaited; 1,000 to 50,000 messages;
 * yields in between).
 */
const FLUSH_COUNT = 5_000;

const { url, bounds } = readOptions<{ url: string; bounds: Bounds }>();
const client = await connect({ servers: url });
await waitForGo();
const body = createBody();
const startMs = nowMs();
const untilMs = startMs + bounds.msMax;
let sent = 0;
let flushed = Promise.resolve();
while (sent < bounds.count) {
  client.publish('bench', body);
  if (++sent % FLUSH_COUNT !== 0) continue;
  await flushed;
  flushed = client.flush();
  if (nowMs() > untilMs) break;
}
client.publish('bench', createEnd());
await client.flush();
await report({ sent, startMs });
await client.close();
