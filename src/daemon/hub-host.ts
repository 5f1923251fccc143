/** The hub of a daemon: where its store is, and which nodes are there. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from '../adapters/lmdb-store.ts';
import type { Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { DagentError } from '../protocol/errors.ts';
import type { RouterEvent } from '../router/io.ts';
import type { TreeView } from '../services/census.ts';
import { HubDriver } from '../services/hub-driver.ts';
import { createHubMethods } from '../services/hub-methods.ts';

export interface HubHostComponents {
  readonly view: TreeView;
  readonly clock: Clock;
  readonly log: Logger;
  readonly seed: number;
  /** Directory of the node. */
  readonly dataDir: string;
}

export class HubHost {
  readonly methods: Readonly<Record<string, Method>>;
  readonly #components: HubHostComponents;
  #driver: HubDriver | undefined;
  #opening: Promise<HubDriver> | undefined;
  #isStopped = false;

  constructor(components: HubHostComponents) {
    this.#components = components;
    this.methods = createHubMethods({
      open: () => this.#openAtTop(),
      isUp: (node) => this.#isUp(node),
    });
  }

  get #directory(): string {
    return join(this.#components.dataDir, 'hub');
  }

  #isUp(node: string): boolean {
    const { view } = this.#components;
    return node === view.self().name || view.find(node)?.state === 'up';
  }

  /**
   * Only at a root: another node stands at the top of what is left of a tree when its parent is
   * away, and what it took into a hub of its own would be lost when that is back.
   */
  async #openAtTop(): Promise<HubDriver> {
    const { name: node, role, parent } = this.#components.view.self();
    if (role === 'root') return this.#open();
    const reason = parent === null ? 'has no way up now' : 'is below it';
    throw new DagentError('E_HUB_ELSEWHERE', { node, reason });
  }

  /** Who has no hub pays nothing for it: the store is made when it is needed. */
  #open(): Promise<HubDriver> {
    this.#opening ??= this.#openStore().catch((error) => {
      // Somebody may look after the disk meanwhile.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #openStore(): Promise<HubDriver> {
    const { clock, log, seed } = this.#components;
    const store = await openLmdbStore({
      directory: this.#directory,
      newId: randomBytes(8).toString('hex'),
      nowMs: clock.wallMs(),
      onBroken: (key, reason) => log.error('a record is broken and set aside', { key, reason }),
    });
    this.#driver = new HubDriver({ clock, store, seed, isUp: (node) => this.#isUp(node) });
    if (this.#isStopped) await this.#driver.close();
    return this.#driver;
  }

  /** Opens what is there: leases end, and nodes come back. */
  async start(): Promise<void> {
    if (!existsSync(this.#directory)) return;
    try {
      await this.#open();
    } catch (error) {
      // No reason not to start: who needs it is told.
      this.#components.log.error('cannot open the hub', { reason: String(error) });
    }
  }

  /** Hears what the router says. */
  observe(event: RouterEvent): void {
    // At our own end all nodes are lost, to us only.
    if (this.#isStopped) return;
    switch (event.kind) {
      case 'nodeUp':
      case 'nodeChanged':
        return this.#driver?.tell({ kind: 'seen', node: event.record.name });
      case 'nodeLost':
      case 'nodeGone':
        return this.#driver?.tell({ kind: 'lost', node: event.record.name });
      default:
        return;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#driver?.close();
  }
}
