/** Follows what happens in the tree while that is wanted; what comes at once is told at once. */
import type { EventRow } from '../client/events.ts';
import type { Schedule } from './frames.ts';
import type { Event } from './update.ts';

/**
 * Hands over events and, once, why there are no more, or before them that they begin; is over when
 * what it returns is called.
 */
export type Follow = (
  onEvent: (event: EventRow) => void,
  onLost: (reason: string) => void,
  onOpen: () => void,
) => () => void;

interface FollowingOptions {
  readonly follow: Follow;
  readonly dispatch: (event: Event) => void;
  readonly schedule: Schedule;
}

/** Events that come within this time are told together. */
const GATHER_MS = 50;

/** Begins to follow, or ends it, whenever it is called. */
export function createFollowing(options: FollowingOptions): (isWanted: boolean) => void {
  const { follow, dispatch, schedule } = options;
  let end = (): void => undefined;

  const begin = () => {
    let events: EventRow[] = [];
    let isOver = false;
    let isDue = false;
    let cancel = (): void => undefined;
    const flush = () => {
      const told = events;
      events = [];
      isDue = false;
      dispatch({ kind: 'happened', events: told });
    };
    const flushSoon = () => {
      if (isOver || isDue) return;
      isDue = true;
      cancel = schedule(flush, GATHER_MS);
    };
    const onEvent = (event: EventRow) => {
      if (isOver) return;
      events.push(event);
      flushSoon();
    };
    const onLost = (reason: string) => {
      if (isOver) return;
      isOver = true;
      cancel();
      flush();
      dispatch({ kind: 'unfollowed', reason });
    };
    const stop = follow(onEvent, onLost, flushSoon);
    return () => {
      isOver = true;
      cancel();
      stop();
    };
  };
  return (isWanted) => {
    end();
    end = isWanted ? begin() : () => undefined;
  };
}
