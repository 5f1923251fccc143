/** Requests of 128 bytes and their replies through one server: alone, and a thousand at once. */
import type { Bench } from './bench.ts';
import { startProgram } from './program.ts';
import type { Bounds } from './programs/load.ts';
import { type CreateContestant, openServers } from './servers.ts';
import { settleWithin } from './wait.ts';

/** What a requester does in one round. */
export interface RequestLoad {
  readonly latency: Bounds;
  readonly pipelined: Bounds;
  readonly inFlight: number;
  readonly timeoutMs: number;
}

const LOAD: RequestLoad = {
  latency: { count: 20_000, msMax: 10_000 },
  pipelined: { count: 1_000_000, msMax: 10_000 },
  inFlight: 1_000,
  timeoutMs: 10_000,
};

/** Time that the requester may take beyond its bounds to hand in its figures, milliseconds. */
const EXTRA_MS_MAX = 30_000;

/**
 * Contestants of two programs: `<prefix>-<answering>` waits, `<prefix>-<asking>` asks one at a time
 * and then many at once.
 */
export function createRequesting(answering: string, asking: string): CreateContestant {
  return (name, prefix, options) => ({
    name,
    async measure() {
      const responder = await startProgram(`${prefix}-${answering}`, options);
      const requester = await startProgram(`${prefix}-${asking}`, { ...options, load: LOAD });
      try {
        requester.go();
        const msMax = LOAD.latency.msMax + LOAD.pipelined.msMax + EXTRA_MS_MAX;
        return await settleWithin(requester.result, msMax, `${name}: the requester did not end`);
      } finally {
        await Promise.all([requester.stop(), responder.stop()]);
      }
    },
  });
}

export const requests: Bench = {
  name: 'requests',
  title: '128-byte requests and replies through one server, client libraries for Node',
  roundsDefault: 5,
  metrics: [
    {
      key: 'p50Ms',
      label: 'one at a time, p50',
      unit: 'ms',
      compare: 'ratio',
      goals: { nats: { atMost: 0.75 } },
    },
    { key: 'p99Ms', label: 'one at a time, p99', unit: 'ms', compare: 'ratio', goals: {} },
    {
      key: 'rate',
      label: `${LOAD.inFlight} in flight`,
      unit: '/s',
      compare: 'ratio',
      goals: { nats: { atLeast: 10 } },
    },
  ],
  open: (stack, sides) => openServers(stack, sides, createRequesting('responder', 'requester')),
};
