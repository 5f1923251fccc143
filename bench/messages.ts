/** Messages of 128 bytes from process to process through one server, counted where they arrive. */
import type { Bench, Contestant } from './bench.ts';
import { startProgram } from './program.ts';
import type { Bounds } from './programs/load.ts';
import { openServers } from './servers.ts';
import { settleWithin } from './wait.ts';

const BOUNDS: Bounds = { count: 3_000_000, msMax: 30_000 };

/** Time that either program may take beyond the bounds to hand in its figures, milliseconds. */
const DRAIN_MS_MAX = 30_000;

/** One contestant: its programs are `<prefix>-producer` and `<prefix>-consumer`. */
export function createFlow(name: string, prefix: string, options: object): Contestant {
  return {
    name,
    async measure() {
      const consumer = await startProgram(`${prefix}-consumer`, options);
      const producer = await startProgram(`${prefix}-producer`, { ...options, bounds: BOUNDS });
      try {
        consumer.go();
        producer.go();
        const msMax = BOUNDS.msMax + DRAIN_MS_MAX;
        const [sent, received] = await Promise.all([
          settleWithin(producer.result, msMax, `${name}: the producer did not end`),
          settleWithin(consumer.result, msMax, `${name}: the last message did not arrive`),
        ]);
        const elapsedMs = received.endMs! - sent.startMs!;
        return {
          rate: (received.received! / elapsedMs) * 1000,
          lost: sent.sent! - received.received!,
        };
      } finally {
        await Promise.all([producer.stop(), consumer.stop()]);
      }
    },
  };
}

export const messages: Bench = {
  name: 'messages',
  title: '128-byte messages, process to process through one server, client libraries for Node',
  roundsDefault: 5,
  metrics: [
    {
      key: 'rate',
      label: 'messages a second',
      unit: '/s',
      compare: 'ratio',
      goals: { nats: { atLeast: 3 } },
    },
    { key: 'lost', label: 'messages lost', unit: '', compare: 'difference', goals: {} },
  ],
  open: (stack, sides) => openServers(stack, sides, createFlow),
};
