/** What many round trips to one node come to. */
import { formatDuration } from '../base/duration.ts';

export interface PingStatistics {
  readonly sent: number;
  readonly received: number;
  /** Of those that were sent: how many were not answered, in percent. */
  readonly lossPercent: number;
  readonly minMs: number | null;
  readonly avgMs: number | null;
  /** 95 of 100 took no longer: nearest rank. */
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

function round(ms: number | undefined): number | null {
  return ms === undefined ? null : Number(ms.toFixed(3));
}

/** The statistics of `sent` pings, of which those that were answered took `times`, in ms. */
export function computePingStatistics(sent: number, times: readonly number[]): PingStatistics {
  const sorted = [...times].sort((a, b) => a - b);
  const received = sorted.length;
  const sumMs = sorted.reduce((sum, ms) => sum + ms, 0);
  return {
    sent,
    received,
    lossPercent: sent === 0 ? 0 : Number(((100 * (sent - received)) / sent).toFixed(1)),
    minMs: round(sorted[0]),
    avgMs: round(received === 0 ? undefined : sumMs / received),
    p95Ms: round(sorted[Math.max(0, Math.ceil(received * 0.95) - 1)]),
    maxMs: round(sorted.at(-1)),
  };
}

/** `4 sent, 4 answered, 0% lost  min 1.2ms  avg 1.5ms  p95 2.1ms  max 2.1ms`. */
export function formatPingStatistics(statistics: PingStatistics): string {
  const { sent, received, lossPercent, minMs, avgMs, p95Ms, maxMs } = statistics;
  const counts = `${sent} sent, ${received} answered, ${lossPercent}% lost`;
  const times = Object.entries({ min: minMs, avg: avgMs, p95: p95Ms, max: maxMs })
    .filter((entry): entry is [string, number] => entry[1] !== null)
    .map(([name, ms]) => `  ${name} ${formatDuration(ms)}`);
  return counts + times.join('');
}
