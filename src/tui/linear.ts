/** `dagent top` without a screen: what happens, line by line, until it is over. */
import { escapeLine } from '../base/escape.ts';
import { createAnnouncer } from './announce.ts';
import { createFeed, type Subscribe } from './feed.ts';
import { schedule } from './schedule.ts';
import type { Event } from './update.ts';

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
  const dispatch = (event: Event): void => {
    if (event.kind === 'record') {
      if (isLost) print('the link is back');
      isLost = false;
      for (const line of announcer.take(event.record)) print(line);
    } else if (event.kind === 'lost' && !isLost) {
      isLost = true;
      print(`the link is lost: ${escapeLine(event.reason)}`);
    }
  };
  const feed = createFeed({ subscribe, dispatch, nowMs, schedule, seed: nowMs() });
  await feed.open();
  await over;
  await feed.close();
}
