/**
 * A leaf without a home of its own, of which thousands live in one process: a real router, a real
 * connection to its parent, the real service that runs commands. Only the commands may be none:
 * then each ends with 0 as soon as it was started.
 */
import { systemClock } from '../src/adapters/system-clock.ts';
import { createTransport } from '../src/adapters/transport.ts';
import { Driver } from '../src/daemon/driver.ts';
import { CallServer } from '../src/endpoint/call-server.ts';
import { Endpoint } from '../src/endpoint/endpoint.ts';
import type { Spawner } from '../src/ports/spawner.ts';
import type { Connection, Transport } from '../src/ports/transport.ts';
import { BUILTIN_SERVICE } from '../src/protocol/address.ts';
import { BUILTIN_LINK } from '../src/router/io.ts';
import { createRouter } from '../src/router/state.ts';
import { createExecService } from '../src/services/exec.ts';

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
    };
  },
};

/** Thousands of them share a processor with others: none is to be given up because it is busy. */
export const LEAF_HOLD_MS = 120_000;

export interface LeafOptions {
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly parentUrl: string;
  readonly seed: number;
  /** Runs what it is asked for; {@link idleSpawner} only says so. */
  readonly spawner: Spawner;
}

export class EmulatedLeaf {
  readonly name: string;
  /** Settles when the root knows it. */
  readonly joined: Promise<void>;
  readonly #driver: Driver;
  readonly #connections = new Set<Connection>();
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
      runs: { open: () => undefined, close: () => Promise.resolve() },
      ...{ env: { PATH: process.env.PATH ?? '' }, cwd: '/', hostNames: () => [] },
    });
    const calls = new CallServer(methods, { node: name, timer: systemClock });
    endpoint.handle(BUILTIN_SERVICE, calls.handlers);
    this.#driver = new Driver({
      router,
      transport: this.#createTransport(),
      resolve: async (url) => [url],
      clock: systemClock,
      deliver: (run) => endpoint.receive(run),
      onEvent: ({ kind }) => kind === 'joined' && joined.resolve(),
      onTapped: () => undefined,
    });
    this.#driver.start();
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
    for (const connection of this.#connections) connection.abort('it was killed');
    await this.#driver.stop(0);
  }
}
