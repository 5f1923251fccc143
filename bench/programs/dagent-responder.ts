/** Answers every request with its own body. */
import { connect } from 'dagent';
import { readOptions, waitForGo } from './parent.ts';

const { home } = readOptions<{ home: string }>();
const client = await connect({ home });
await client.register('bench', {
  onRequest(exchange) {
    exchange.reply({ data: exchange.request.data });
  },
});
await waitForGo();
