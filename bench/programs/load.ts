/** The load that both sides carry, written once so that nothing but the library differs. */
import { nowMs } from '../clock.ts';
import { quantile } from '../statistics.ts';

/** Body of every message and request. */
export const BODY_BYTES = 128;

/** One request, answered. */
export type Request = () => Promise<unknown>;

/** How much a round does: what comes first, the count or the time, ends it. */
export interface Bounds {
  readonly count: number;
  readonly msMax: number;
}

/** Requests before the clock starts, so that every process has compiled what it runs. */
const WARM_UP_COUNT = 2_000;

/** A body that is not all zeros. */
export function createBody(): Buffer {
  return Buffer.alloc(BODY_BYTES, 'dagent');
}

/** The last message of a stream: told from the others by its length. */
export function createEnd(): Buffer {
  return Buffer.alloc(1);
}

/** One request after the other; latencies in milliseconds. */
export async function measureLatency(
  request: Request,
  bounds: Bounds,
): Promise<{ p50Ms: number; p99Ms: number }> {
  for (let n = 0; n < WARM_UP_COUNT; n++) await request();
  const latenciesMs: number[] = [];
  const untilMs = nowMs() + bounds.msMax;
  while (latenciesMs.length < bounds.count) {
    const startMs = nowMs();
    await request();
    const endMs = nowMs();
    latenciesMs.push(endMs - startMs);
    if (endMs > untilMs) break;
  }
  return { p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
}

/** `inFlight` requests unanswered at any time; answers a second. */
export async function measureRate(
  request: Request,
  bounds: Bounds,
  inFlight: number,
): Promise<number> {
  const startMs = nowMs();
  const untilMs = startMs + bounds.msMax;
  let started = 0;
  let answered = 0;
  const worker = async () => {
    while (started < bounds.count) {
      started++;
      await request();
      answered++;
      if (nowMs() > untilMs) return;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (answered / (nowMs() - startMs)) * 1000;
}
