/** Answers every request with its own body. */
import { connect } from 'dagent';
import { endWith } from './dagent-closed.ts';
import { readOptions, waitForGo } from './parent.ts';

const { home, direct } = readOptions<{ home: string; direct: boolean }>();
const client = await connect({ home, reconnect: false, direct });
endWith(client);
await client.register('bench', {
  onRequest(exchange) {
    exchange.reply({ data: exchange.request.data });
  },
});
await waitForGo();
