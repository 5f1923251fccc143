/** Asking the hub of the tree, which is that of its top. */
import { DagentError } from '../protocol/errors.ts';
import {
  type HubLease,
  type HubRecord,
  type HubReservation,
  parseHubLease,
  parseHubRecord,
} from '../protocol/hub.ts';
import type { Client } from './client.ts';
import { findTop } from './tree.ts';

/** Which entries are listed; all without any. */
export interface HubFilter {
  readonly status?: number;
  readonly isAvailable?: boolean;
  readonly isIdle?: boolean;
  readonly address?: string;
  readonly port?: number;
}

export interface HubWish {
  readonly count: number;
  /** Only among these places, as text. */
  readonly among?: readonly string[];
  /** All of them or none. */
  readonly isExact?: boolean;
  /** 0: for good; a minute without it. */
  readonly leaseMs?: number;
}

function notUnderstood(service: string, command: string): DagentError {
  return new DagentError('E_NOT_UNDERSTOOD', { service, command });
}

/** What is in a hub: all of it, or its beginning. */
export interface HubContent {
  readonly records: readonly HubRecord[];
  readonly leases: readonly HubLease[];
}

/** An entry by its id or its place as text. */
export type HubKey = number | string;

export class HubClient {
  readonly #client: Client;
  readonly #top: string;

  private constructor(client: Client, top: string) {
    this.#client = client;
    this.#top = top;
  }

  /** Finds the top. Throws what keeps it from being found. */
  static async of(client: Client): Promise<HubClient> {
    return new HubClient(client, await findTop(client));
  }

  async #ask(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#client.call(this.#top, `hub.${method}`, args);
  }

  async #askNumber(method: string, ...args: readonly unknown[]): Promise<number> {
    const value = await this.#ask(method, ...args);
    if (typeof value === 'number') return value;
    throw notUnderstood(this.#top, `hub.${method}`);
  }

  #records(value: unknown, method: string): HubRecord[] {
    const records = Array.isArray(value) ? value.map(parseHubRecord) : [undefined];
    const known = records.filter((each) => each !== undefined);
    if (known.length === records.length) return known;
    throw notUnderstood(this.#top, `hub.${method}`);
  }

  /** Adds a node or a program; its id. Throws E_HUB_TAKEN. */
  register(address: string, port: number, status: number): Promise<number> {
    return this.#askNumber('register', { address, port, status });
  }

  /** Takes one out. Throws E_HUB_UNKNOWN. */
  async deregister(key: HubKey): Promise<void> {
    await this.#ask('deregister', key);
  }

  /** Says what one can still take; the status that it has then. Throws E_HUB_UNKNOWN. */
  set(key: HubKey, status: number): Promise<number> {
    return this.#askNumber('set', key, status);
  }

  /** All entries that a filter wants, page by page; or pages until there are `countMin`. */
  async list(filter: HubFilter = {}, countMin = Infinity): Promise<readonly HubRecord[]> {
    const all: HubRecord[] = [];
    for (;;) {
      const page = this.#records(await this.#ask('list', filter, all.at(-1)?.id ?? 0), 'list');
      all.push(...page);
      if (page.length === 0 || all.length >= countMin) return all;
    }
  }

  /** What is in it: no more than `countMax` entries and as many leases. */
  async content(countMax: number): Promise<HubContent> {
    const [records, leases] = await Promise.all([this.list({}, countMax), this.leases(countMax)]);
    return { records: records.slice(0, countMax), leases: leases.slice(0, countMax) };
  }

  /** Reserves. Throws E_HUB_SHORT when there is none, or not as many as must be. */
  async request(wish: HubWish): Promise<HubReservation> {
    const value = (await this.#ask('request', wish)) as Partial<HubReservation> | null;
    const { lease, expiresAtMs, nodes } = value ?? {};
    if (typeof lease === 'string' && typeof expiresAtMs === 'number') {
      return { lease, expiresAtMs, nodes: this.#records(nodes, 'request') };
    }
    throw notUnderstood(this.#top, 'hub.request');
  }

  /** What is reserved, and by whom: all of it, or pages until there are `countMin`. */
  async leases(countMin = Infinity): Promise<readonly HubLease[]> {
    const all: HubLease[] = [];
    for (;;) {
      const value = await this.#ask('leases', all.at(-1)?.lease ?? '');
      const leases = Array.isArray(value) ? value.map(parseHubLease) : [undefined];
      const known = leases.filter((each) => each !== undefined);
      if (known.length < leases.length) throw notUnderstood(this.#top, 'hub.leases');
      all.push(...known);
      if (leases.length === 0 || all.length >= countMin) return all;
    }
  }

  /** Lets a lease begin anew. Throws E_HUB_UNKNOWN when it is over. */
  renew(lease: string, leaseMs: number): Promise<number> {
    return this.#askNumber('renew', lease, leaseMs);
  }

  /** Gives back what a lease holds; how many. Throws E_HUB_UNKNOWN when it is over. */
  release(lease: string): Promise<number> {
    return this.#askNumber('release', lease);
  }
}
