/** Sends messages as fast as the library takes them, then one that says it was the last. */
import { connect } from 'dagent';
import { nowMs } from '../clock.ts';
import { endWith } from './dagent-closed.ts';
import { type Bounds, createBody, createEnd } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

/** Messages between two looks at the clock. */
const CLOCK_COUNT = 5_000;

const { home, direct, bounds } = readOptions<{ home: string; direct: boolean; bounds: Bounds }>();
const client = await connect({ home, direct });
endWith(client);
const to = `${client.node}:bench`;
await waitForGo();
const data = createBody();
const startMs = nowMs();
const untilMs = startMs + bounds.msMax;
let sent = 0;
while (sent < bounds.count) {
  if (!client.send(to, 'COUNT', { data })) await client.drained();
  if (++sent % CLOCK_COUNT === 0 && nowMs() > untilMs) break;
}
client.send(to, 'COUNT', { data: createEnd() });
await client.drained();
await report({ sent, startMs });
await client.close();
