/** Takes durable messages and acks each; they are done when it is on disk that they are. */
import { connect } from 'dagent';
import { nowMs } from '../clock.ts';
import { endWith } from './dagent-closed.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { home, count } = readOptions<{ home: string; count: number }>();
const client = await connect({ home, reconnect: false });
endWith(client);
await waitForGo();
const startMs = nowMs();
const letters = await client.consume('bench', { count: 500 });
let acked = 0;
for await (const letter of letters) {
  const done = letter.ack();
  if (++acked < count) continue;
  await done;
  break;
}
const ackedRate = (acked / (nowMs() - startMs)) * 1_000;
await report({ ackedRate });
await client.close();
