/** Watches of the tree as the feed wants them. */
import type { ConnectOptions } from '../client/connection.ts';
import { watchTree } from '../client/watch.ts';
import type { WatchRecord } from '../protocol/status.ts';
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

/**
 * Opens a watch at once, and keeps what it tells for the first who subscribes: while the daemon
 * gathers the tree, the screen can be loaded. Others get watches of their own. Throws why it cannot
 * be had.
 */
export async function subscribeEarly(subscribe: Subscribe): Promise<Subscribe> {
  const kept: WatchRecord[] = [];
  let lost: string | undefined;
  let keep = (record: WatchRecord): void => void kept.push(record);
  let lose = (reason: string): void => {
    lost = reason;
  };
  const first = await subscribe(
    (record) => keep(record),
    (reason) => lose(reason),
  );
  let isTaken = false;
  return async (onRecord, onLost) => {
    if (isTaken) return subscribe(onRecord, onLost);
    isTaken = true;
    keep = onRecord;
    lose = onLost;
    for (const record of kept.splice(0)) onRecord(record);
    if (lost !== undefined) onLost(lost);
    return first;
  };
}
