/** `dagent top` without a screen: what happens, line by line, until it is over. */
import { escapeLine } from '../base/escape.ts';
import { createAnnouncer } from './announce.ts';
import { createFeed, type Subscribe } from './feed.ts';
import { schedule } from './schedule.ts';
import type { Event } from './update.ts';

/** What happens within this time is said together: many are lost with the one above them. */
const GATHER_MS = 500;

export interface LinearOptions {
  readonly subscribe: Subscribe;
  readonly nowMs: () => number;
  readonly print: (line: string) => void;
  /** Settles when it is over. */
  readonly over: Promise<void>;
}

/** Rejects when the first watch cannot be opened; later losses are said, and it goes on. */
export async function runLinear({ subscribe, nowMs, print, over }: LinearOptions): Promise<void> {
  const announcer = createAnnouncer();
  let isLost = false;
  let top = '';
  let cancel: (() => void) | undefined;
  const say = (): void => {
    cancel?.();
    cancel = undefined;
    for (const line of announcer.say()) print(line);
  };
  const dispatch = (event: Event): void => {
    if (event.kind === 'record') {
      if (isLost) print('the link is back');
      isLost = false;
      announcer.take(event.record, top, nowMs());
      cancel ??= schedule(say, GATHER_MS);
    } else if (event.kind === 'opened') {
      top = event.top;
    } else if (event.kind === 'lost' && !isLost) {
      isLost = true;
      say();
      print(`the link is lost: ${escapeLine(event.reason)}`);
    }
  };
  const feed = createFeed({ subscribe, dispatch, nowMs, schedule, seed: nowMs() });
  await feed.open();
  await over;
  // What came last is said as well.
  say();
  await feed.close();
}
