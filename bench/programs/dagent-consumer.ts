/** Counts messages until the last one. */
import { connect } from 'dagent';
import { nowMs } from '../clock.ts';
import { endWith } from './dagent-closed.ts';
import { BODY_BYTES } from './load.ts';
import { readOptions, report, waitForGo } from './parent.ts';

const { home, direct, to } = readOptions<{ home: string; direct: boolean; to?: string }>();
const client = await connect({ home, reconnect: false, direct, via: to });
endWith(client);
const ended = Promise.withResolvers<void>();
let received = 0;
await client.register('bench', {
  onMessage(message) {
    if (message.data.length === BODY_BYTES) received++;
    else ended.resolve();
  },
  onRequest(exchange) {
    received++;
    exchange.reply();
  },
});
await waitForGo();
await ended.promise;
await report({ received, endMs: nowMs() });
await client.close();
