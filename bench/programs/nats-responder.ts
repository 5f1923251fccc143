/** Answers every request with its own body. */
import { connect } from '@nats-io/transport-node';
import { readOptions, waitForGo } from './parent.ts';

const { url } = readOptions<{ url: string }>();
const client = await connect({ servers: url });
client.subscribe('bench', {
  callback(error, message) {
    if (error) throw error;
    message.respond(message.data);
  },
});
await client.flush();
await waitForGo();
