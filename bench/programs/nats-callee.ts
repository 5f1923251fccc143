/** Serves a class: what comes as JSON says which method of which object is meant. */
import { connect } from '@nats-io/transport-node';
import { Dog } from './dog.ts';
import { readOptions, waitForGo } from './parent.ts';

/** A call, as JSON. */
export interface NatsCall {
  readonly method: string;
  readonly cntr: readonly [string];
  readonly args: readonly [string];
  readonly kws: { readonly times?: number };
}

const { url } = readOptions<{ url: string }>();
const client = await connect({ servers: url });
client.subscribe('kennel', {
  callback(error, message) {
    if (error) throw error;
    const { method, cntr, args, kws } = message.json<NatsCall>();
    const dog = new Dog(...cntr);
    if (method === 'bark') message.respond(JSON.stringify(dog.bark(...args, kws.times)));
  },
});
await client.flush();
await waitForGo();
