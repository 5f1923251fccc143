/**
 * Durable messages of 128 bytes: left with a server until it says that they are stored, then taken
 * and acked. JetStream keeps them in its file storage, we in our store, on the same file system.
 */
import { type Bench, type Contestant, OURS, type Sides } from './bench.ts';
import { measureSync } from './disk.ts';
import { createTemporaryDirectory, hold, quote } from './hold.ts';
import { startDagent } from './peers/dagent.ts';
import { type JetStreamSync, readNatsVersion, startNats } from './peers/nats.ts';
import { startProgram } from './program.ts';
import type { Bounds } from './programs/load.ts';
import { quantile } from './statistics.ts';
import { settleWithin } from './wait.ts';

/** What a depositor does in one round. */
export interface DurableLoad {
  readonly latency: Bounds;
  readonly pipelined: Bounds;
  readonly inFlight: number;
}

/** Rounds so long that compiling, which takes a second or two, is not half of them. */
const LOAD: DurableLoad = {
  latency: { count: 5_000, msMax: 5_000 },
  pipelined: { count: 600_000, msMax: 10_000 },
  inFlight: 500,
};

/** Time that each program may take beyond its bounds to hand in its figures, milliseconds. */
const EXTRA_MS_MAX = 60_000;
/** The disk's own figure: so many flushes a round. */
const SYNC_COUNT = 1_000;

const LAZY = 'jetstream';
const ALWAYS = 'jetstream, sync always';
const DISK = 'fdatasync';

/** One contestant: its programs are `<prefix>-depositor` and `<prefix>-taker`. */
function createContestant(name: string, prefix: string, options: object): Contestant {
  return {
    name,
    async measure() {
      const depositor = await startProgram(`${prefix}-depositor`, { ...options, load: LOAD });
      try {
        depositor.go();
        const msMax = LOAD.latency.msMax + LOAD.pipelined.msMax + EXTRA_MS_MAX;
        const late = `${name}: the depositor did not end`;
        const { stored, ...figures } = await settleWithin(depositor.result, msMax, late);
        // All that waits, warming up included: what one round leaves, the next would find.
        const taker = await startProgram(`${prefix}-taker`, { ...options, count: stored });
        try {
          taker.go();
          const slow = `${name}: the taker did not end`;
          return { ...figures, ...(await settleWithin(taker.result, EXTRA_MS_MAX, slow)) };
        } finally {
          await taker.stop();
        }
      } finally {
        await depositor.stop();
      }
    },
  };
}

/** The disk alone, on the file system that the others write to. */
function createDisk(stack: AsyncDisposableStack): Contestant {
  const directory = createTemporaryDirectory('disk');
  const held = hold({ cleanup: `rm -rf ${quote(directory)}` });
  stack.defer(() => held.release());
  return {
    name: DISK,
    async measure() {
      const spans = measureSync(directory, SYNC_COUNT);
      return { p50Ms: quantile(spans, 0.5), p99Ms: quantile(spans, 0.99) };
    },
  };
}

/** Whether nats-server can be told when to sync: from 2.10 on. */
function hasSyncSetting(): boolean {
  const [major = 0, minor = 0] = (readNatsVersion() ?? '').replace('v', '').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 10);
}

async function openServers(
  stack: AsyncDisposableStack,
  sides: Sides,
): Promise<readonly Contestant[]> {
  const contestants: Contestant[] = [];
  const startPeer = async (name: string, sync: JetStreamSync) => {
    const nats = await startNats(sync);
    stack.defer(() => nats.stop());
    contestants.push(createContestant(name, 'jetstream', { url: nats.url }));
  };
  if (sides.peers) {
    contestants.push(createDisk(stack));
    await startPeer(LAZY, 'default');
    if (hasSyncSetting()) await startPeer(ALWAYS, 'always');
  }
  if (sides.ours) {
    const { home, stop } = await startDagent('root');
    stack.defer(stop);
    contestants.push(createContestant(OURS, 'dagent', { home }));
  }
  return contestants;
}

export const durable: Bench = {
  name: 'durable',
  title: '128-byte durable messages, stored, then taken and acked; client libraries for Node',
  roundsDefault: 5,
  metrics: [
    {
      key: 'rate',
      label: `stored a second, ${LOAD.inFlight} in flight`,
      unit: '/s',
      compare: 'ratio',
      goals: { [LAZY]: { atLeast: 5 }, [ALWAYS]: { atLeast: 5 } },
    },
    {
      key: 'ackedRate',
      label: 'taken and acked a second',
      unit: '/s',
      compare: 'ratio',
      goals: { [LAZY]: { atLeast: 3 }, [ALWAYS]: { atLeast: 3 } },
    },
    {
      key: 'p50Ms',
      label: 'stored, one at a time, p50',
      unit: 'ms',
      compare: 'ratio',
      goals: { [DISK]: { atMost: 1.5 } },
    },
    { key: 'p99Ms', label: 'stored, one at a time, p99', unit: 'ms', compare: 'ratio', goals: {} },
  ],
  open: openServers,
};
