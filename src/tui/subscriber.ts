/** Watches of the tree as the feed wants them. */
import type { ConnectOptions } from '../client/connection.ts';
import { type Subscription, watchTree } from '../client/watch.ts';
import type { WatchRecord } from '../protocol/status.ts';
import type { Opened, Subscribe } from './feed.ts';
import type { Schedule } from './frames.ts';

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

/** How often a top whose parent is away is asked who is at the top now. */
const CUT_OFF_ASK_MS = 1_000;

type Open = (onRecord: (record: WatchRecord) => void) => Promise<Subscription>;

/**
 * A watch that becomes one of the whole tree as soon as there is a way to its top: as long as it is
 * of a part, it asks for that.
 */
class WholeWatch implements Opened {
  readonly #open: Open;
  readonly #handlers: Parameters<Subscribe>;
  readonly #schedule: Schedule;
  #watch: Subscription | undefined;
  #isClosed = false;
  #cancel = () => {};

  constructor(open: Open, handlers: Parameters<Subscribe>, schedule: Schedule) {
    this.#open = open;
    this.#handlers = handlers;
    this.#schedule = schedule;
  }

  get top(): string | undefined {
    return this.#watch?.top;
  }

  /** Opens a watch, in the place of the one that there is. */
  async start(): Promise<this> {
    const former = this.#watch;
    let mine: Subscription | undefined;
    const isCurrent = (): boolean => this.#watch === mine && !this.#isClosed;
    mine = await this.#open((record) => {
      if (isCurrent()) this.#take(record);
    });
    if (this.#isClosed) {
      await mine.close();
      return this;
    }
    this.#watch = mine;
    const [, onLost, onTop] = this.#handlers;
    if (former !== undefined) onTop?.(mine.top);
    void mine.over.then((reason) => {
      if (reason === undefined || !isCurrent()) return;
      this.#isClosed = true;
      this.#cancel();
      onLost(reason);
    });
    await former?.close().catch(() => undefined);
    return this;
  }

  #take(record: WatchRecord): void {
    const [onRecord] = this.#handlers;
    onRecord(record);
    if (record.type !== 'snapshot') return;
    this.#cancel();
    if (record.isCutOff === true) this.#askLater();
  }

  #askLater(): void {
    this.#cancel = this.#schedule(() => {
      const asked = this.#watch;
      this.#ask().catch(() => {
        // It does not answer, or the new top does not: perhaps next time.
        if (this.#watch === asked && !this.#isClosed) this.#askLater();
      });
    }, CUT_OFF_ASK_MS);
  }

  async #ask(): Promise<void> {
    const watch = this.#watch;
    const top = await watch?.findTop();
    if (watch !== this.#watch || this.#isClosed) return;
    if (top === watch?.top) this.#askLater();
    else await this.start();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#watch?.close();
  }
}

/**
 * Opens a connection of its own for each watch. All but the first are of the daemon and the top of
 * the first: where these are away another daemon may answer, and know a part of the tree only.
 */
export function createSubscriber(options: ConnectOptions, schedule: Schedule): Subscriber {
  const wanted = options.via || process.env.DAGENT_VIA;
  let source: Source | undefined;
  const begun = Promise.withResolvers<void>();
  const open: Open = async (onRecord) => {
    const via = source?.via ?? options.via;
    const more = { via, lastTop: source?.top, onBegin: begun.resolve };
    const subscription = await watchTree({ ...options, ...more }, onRecord);
    source = { via: wanted || subscription.node, top: subscription.top };
    return subscription;
  };
  return {
    subscribe: (...handlers) => new WholeWatch(open, handlers, schedule).start(),
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
  let move: (top: string) => void = () => undefined;
  const first = subscribe(
    (record) => keep(record),
    (reason) => lose(reason),
    (top) => move(top),
  );
  first.catch(() => 'whoever subscribes hears of it');
  let isTaken = false;
  return async (onRecord, onLost, onTop) => {
    if (isTaken) return subscribe(onRecord, onLost, onTop);
    isTaken = true;
    keep = onRecord;
    lose = onLost;
    if (onTop !== undefined) move = onTop;
    for (const record of kept.splice(0)) onRecord(record);
    if (lost !== undefined) onLost(lost);
    return first;
  };
}
