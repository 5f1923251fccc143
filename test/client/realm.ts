/** Daemons of a tree within this process, in a home of their own, and programs that use them. */
import { mkdtempSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DaemonStatus, pathsOf, resolveHome } from '../../src/adapters/home.ts';
import { type Client, connect } from '../../src/client/client.ts';
import type { ConnectOptions } from '../../src/client/connection.ts';
import { fetchTree } from '../../src/client/tree.ts';
import { Daemon } from '../../src/daemon/daemon.ts';
import { completeOptions, type WantedOptions } from '../../src/daemon/options.ts';
import type { Logger } from '../../src/ports/logger.ts';

const ignore = (): void => undefined;
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

export class Realm {
  readonly dir = mkdtempSync(join(tmpdir(), 'realm-'));
  readonly home = resolveHome(this.dir, {});
  readonly #daemons = new Map<string, Daemon>();
  readonly #clients = new Set<Client>();

  /** Starts a node; settles when the whole tree knows it. */
  async start(name: string, parent?: string, more: WantedOptions = {}): Promise<Daemon> {
    const parents = parent === undefined ? [] : [`cd:${pathsOf(this.home, parent).socket}`];
    const options = completeOptions({ name, parents, ...more });
    const daemon = await Daemon.start({ home: this.home, options, version: '0.0.0', log: silent });
    this.#daemons.set(name, daemon);
    await daemon.joined;
    return daemon;
  }

  /** Stops a node. */
  async stop(name: string): Promise<void> {
    const daemon = this.#daemons.get(name);
    this.#daemons.delete(name);
    await daemon?.stop();
  }

  /** What a node says of itself. */
  status(name: string): DaemonStatus {
    const daemon = this.#daemons.get(name);
    if (daemon === undefined) throw new Error(`${name} does not run`);
    return daemon.status();
  }

  /** Takes away the socket of a node that runs, as if it had died just now. */
  loseSocket(name: string): void {
    unlinkSync(pathsOf(this.home, name).socket);
  }

  /** A program at a node. */
  async connect(via: string, more: ConnectOptions = {}): Promise<Client> {
    const client = await connect({ home: this.dir, via, reconnect: false, ...more });
    this.#clients.add(client);
    return client;
  }

  /** Settles when the top knows that a node has a service: then all find it by its name alone. */
  async announced(node: string, service: string): Promise<void> {
    const [top = ''] = this.#daemons.keys();
    const client = await this.connect(top);
    for (let isKnown = false; !isKnown; ) {
      const { nodes } = await fetchTree(client);
      isKnown = nodes.some(({ name, services }) => name === node && services.includes(service));
    }
    await client.close();
  }

  /** Ends all of it, the farthest from the root first. */
  async end(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    for (const name of [...this.#daemons.keys()].reverse()) await this.stop(name);
    rmSync(this.dir, { recursive: true, force: true });
  }
}
