/** Which URLs of a dialler are put aside for a while, and in which order the others come. */
import type { Dialler, Pause } from './dialler.ts';

/** Keeps a URL from being dialled for a while. What has become free is forgotten. */
export function setAside({ pauses }: Dialler, url: string, pause: Pause, nowMs: number): void {
  for (const [each, { untilMs }] of pauses) if (untilMs <= nowMs) pauses.delete(each);
  pauses.set(url, pause);
}

/** Where a link broke, who was full may have room now: that the broken one left. */
export function liftFull({ pauses }: Dialler): void {
  for (const [url, { isFull }] of pauses) if (isFull) pauses.delete(url);
}

function readyAtMs({ pauses }: Dialler, url: string): number {
  return pauses.get(url)?.untilMs ?? 0;
}

/** Whether one of these is put aside because it is full. */
export function isAnyFull({ pauses }: Dialler, urls: readonly string[]): boolean {
  return urls.some((url) => pauses.get(url)?.isFull === true);
}

/** The first instant at which any of these may be dialled. */
export function firstReadyAtMs(dialler: Dialler, urls: readonly string[]): number {
  return Math.min(...urls.map((url) => readyAtMs(dialler, url)));
}

/**
 * Those that may be dialled now, in their order; where links ended come last, the one that ended
 * longest ago first. So all have their turn, also when two of them take us and do not last.
 */
export function pickReady(dialler: Dialler, urls: readonly string[], nowMs: number): string[] {
  const ready = urls.filter((url) => readyAtMs(dialler, url) <= nowMs);
  const rankOf = (url: string) =>
    dialler.left.findLastIndex((each) => each.url === url || each.entry === url);
  return ready.sort((a, b) => rankOf(a) - rankOf(b));
}
