/** Watches of the tree as the feed wants them. */
import type { ConnectOptions } from '../client/connection.ts';
import { watchTree } from '../client/watch.ts';
import type { WatchRecord } from '../protocol/status.ts';
import type { Subscribe } from './feed.ts';

/** Who tells of the tree. */
export interface Source {
  /** The daemon by its name, or what was given for it. */
  readonly via: string;
  /** Name of the node at the top. */
  readonly top: string;
}

export interface Subscriber {
  readonly subscribe: Subscribe;
  /** Who told first, and is asked each time from then on; undefined before. */
  readonly source: () => Source | undefined;
  /** Settles when the first nodes come. */
  readonly begun: Promise<void>;
}

/**
 * Opens a connection of its own for each watch. All but the first are of the daemon and the top of
 * the first: where these are away another daemon may answer, and know a part of the tree only.
 */
export function createSubscriber(options: ConnectOptions): Subscriber {
  const wanted = options.via || process.env.DAGENT_VIA;
  let source: Source | undefined;
  const begun = Promise.withResolvers<void>();
  return {
    subscribe: async (onRecord, onLost) => {
      const via = source?.via ?? options.via;
      const more = { via, lastTop: source?.top, onBegin: begun.resolve };
      const subscription = await watchTree({ ...options, ...more }, onRecord);
      source = { via: wanted || subscription.node, top: subscription.top };
      void subscription.over.then((reason) => {
        if (reason !== undefined) onLost(reason);
      });
      return subscription;
    },
    source: () => source,
    begun: begun.promise,
  };
}

/**
 * Opens a watch at once, and keeps what it tells for the first who subscribes: while the daemon
 * gathers the tree, the screen can be loaded. Others get watches of their own. Whoever subscribes
 * hears why it cannot be had; nobody waits for it here, since who is asked may not answer.
 */
export function subscribeEarly(subscribe: Subscribe): Subscribe {
  const kept: WatchRecord[] = [];
  let lost: string | undefined;
  let keep = (record: WatchRecord): void => void kept.push(record);
  let lose = (reason: string): void => {
    lost = reason;
  };
  const first = subscribe(
    (record) => keep(record),
    (reason) => lose(reason),
  );
  first.catch(() => 'whoever subscribes hears of it');
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
