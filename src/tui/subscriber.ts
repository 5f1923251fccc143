/** Watches of the tree as the feed wants them. */
import type { ConnectOptions } from '../client/connection.ts';
import { watchTree } from '../client/watch.ts';
import type { Subscribe } from './feed.ts';

/** Opens a connection of its own for each watch. */
export function createSubscriber(options: ConnectOptions): Subscribe {
  return async (onRecord, onLost) => {
    const subscription = await watchTree(options, onRecord);
    void subscription.over.then((reason) => {
      if (reason !== undefined) onLost(reason);
    });
    return subscription;
  };
}
