/**
 * A leaf without a home of its own, of which thousands live in one process: a real router, a real
 * connection to its parent, the real service that runs commands. Only the commands may be none:
 * then each ends with 0 as soon as it was started.
 */

import { SystemJobHost } from '../src/adapters/job-host.ts';
import { NO_STRAYS } from '../src/adapters/stray-finder.ts';
import { systemClock } from '../src/adapters/system-clock.ts';
import { createTransport } from '../src/adapters/transport.ts';
import { createRandom, nextRandom } from '../src/base/random.ts';
import { Driver } from '../src/daemon/driver.ts';
import { StatisticsHost } from '../src/daemon/statistics-host.ts';
import { createTreeView } from '../src/daemon/tree-view.ts';
import { CallServer } from '../src/endpoint/call-server.ts';
import { Endpoint } from '../src/endpoint/endpoint.ts';
import { openCall } from '../src/endpoint/methods.ts';
import type { HostProbe } from '../src/ports/host-probe.ts';
import type { Spawner } from '../src/ports/spawner.ts';
import type { Connection, Transport } from '../src/ports/transport.ts';
import { BUILTIN_SERVICE } from '../src/protocol/address.ts';
import { BUILTIN_LINK } from '../src/router/io.ts';
import { createRouter, parentLink, type Router } from '../src/router/state.ts';
import { createExecService } from '../src/services/exec.ts';
import { ExecRuns } from '../src/services/exec-runs.ts';

/** Commands that do nothing, and take no time for it. */
export const idleSpawner: Spawner = {
  spawn(_request, { onStart, onExit }) {
    onStart(1);
    setImmediate(() => onExit(0, null));
    return {
      pid: 1,
      writeStdin: () => true,
      endStdin: () => undefined,
      setPaused: () => undefined,
      countGroup: () => 0,
      killGroup: () => false,
      strays: NO_STRAYS,
    };
  },
};

/** Thousands of them share a processor with others: none is to be given up because it is busy. */
export const LEAF_HOLD_MS = 120_000;

/** A host of which most figures change with every sample, by chance: more than one that works. */
function createWanderingProbe(seed: number): Pick<HostProbe, 'sample'> {
  const random = createRandom(seed);
  const upTo = (most: number) => nextRandom(random) * most;
  return {
    sample: async () => ({
      ...{ atMs: Date.now(), load1: upTo(8), cpus: 4, processes: Math.floor(upTo(300)) },
      ...{ memoryUsedBytes: Math.floor(upTo(8e9)), memoryTotalBytes: 8e9, daemonBytes: 60e6 },
      ...{ cpuPercent: upTo(100), ioWaitPercent: upTo(5), stealPercent: 0 },
      ...{ swapUsedBytes: 0, swapTotalBytes: 2e9, diskUsedPercent: 70, diskMount: '/var' },
      ...{ diskReadBytesPerSecond: upTo(1e7), diskWrittenBytesPerSecond: upTo(1e7) },
      ...{ netInBytesPerSecond: upTo(1e8), netOutBytesPerSecond: upTo(1e8) },
      ...{ clockIsSynchronised: 1, daemonCpuPercent: upTo(3) },
    }),
  };
}

/** The statistics of a leaf: ours, of a host that is made up. */
function createStatistics(router: Router, endpoint: Endpoint, seed: number): StatisticsHost {
  return new StatisticsHost({
    ...{ router, clock: systemClock, probe: createWanderingProbe(seed), seed },
    view: createTreeView(router, () => undefined),
    totals: () => ({ heardBytes: 0, sentBytes: 0, queuedBytes: 0 }),
    jobs: () => ({ runningCount: 0, keptCount: 0 }),
    durable: async () => ({}),
    children: () => [],
    openChild: (child) => openCall(endpoint, `${child}:`, 'watch.open', {}),
    ask: async () => null,
    parent: () => parentLink(router)?.peer?.name,
    tell: (node, command, data) => endpoint.send({ to: `${node}:`, command, data }),
  });
}

export interface LeafOptions {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parentUrl: string;
  readonly seed: number;
  /** Runs what it is asked for; {@link idleSpawner} only says so. */
  readonly spawner: Spawner;
}

/** Its commands have their ids, and are remembered, as at any node; no file is kept of them. */
function createRuns(node: string): ExecRuns {
  const ignore = (): void => undefined;
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const host = new SystemJobHost({ dir: '/nonexistent', path: '' }, ignore);
  const none = { hasRoom: () => false, keep: ignore, hasJob: () => false };
  return new ExecRuns({ node, host, clock: systemClock, log, ...none });
}

export class EmulatedLeaf {
  readonly name: string;
  /** Settles when the root knows it. */
  readonly joined: Promise<void>;
  readonly #driver: Driver;
  readonly #connections = new Set<Connection>();
  readonly #statistics: StatisticsHost;
  #isDead = false;

  constructor({ name, id, parentUrl, seed, spawner }: LeafOptions) {
    this.name = name;
    const joined = Promise.withResolvers<void>();
    this.joined = joined.promise;
    const router = createRouter({
      ...{ name, id, seed, role: 'leaf', realm: null, version: '0.0.0' },
      ...{ parents: [parentUrl], peers: [], labels: {}, urls: [], childrenMax: 0 },
      incarnation: Date.now(),
      holdMs: LEAF_HOLD_MS,
    });
    const endpoint = new Endpoint(
      { node: name, service: BUILTIN_SERVICE, seed },
      {
        write: (bytes) => this.#driver.input({ kind: 'bytes', link: BUILTIN_LINK, bytes }),
        schedule: (flush) => queueMicrotask(flush),
      },
    );
    const { methods } = createExecService({
      spawner,
      clock: systemClock,
      accounts: { ownUid: 0, findUser: async () => undefined, findGroup: async () => undefined },
      runs: createRuns(name),
      env: { PATH: process.env.PATH ?? '', DAGENT_TARGET: name },
      ...{ cwd: '/', hostNames: () => [] },
    });
    const statistics = createStatistics(router, endpoint, seed);
    this.#statistics = statistics;
    const served = { ...methods, ...statistics.methods };
    const calls = new CallServer(served, { node: name, timer: systemClock });
    endpoint.handle(BUILTIN_SERVICE, calls.handlers);
    this.#driver = new Driver({
      router,
      transport: this.#createTransport(),
      resolve: async (url) => [url],
      clock: systemClock,
      deliver: (run) => endpoint.receive(run),
      onEvent: ({ kind }) => kind === 'joined' && joined.resolve(),
      onTapped: () => undefined,
      collectYoung: () => undefined,
    });
    this.#driver.start();
  }

  /** Begins with the heartbeats of its statistics. */
  beat(): void {
    this.#statistics.start();
  }

  #createTransport(): Transport {
    const { dial, listen } = createTransport({});
    return {
      dial: async (url, timeoutMs) => {
        const connection = await dial(url, timeoutMs);
        if (this.#isDead) connection.abort('it is dead');
        this.#connections.add(connection);
        return connection;
      },
      listen,
    };
  }

  /** Ends it as `kill -9` would: its connection breaks off, and nobody is told. */
  async kill(): Promise<void> {
    this.#isDead = true;
    this.#statistics.stop();
    for (const connection of this.#connections) connection.abort('it was killed');
    await this.#driver.stop(0);
  }
}
