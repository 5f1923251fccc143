/** Both ends of the direct connections of a program, loaded when there is one. */
import { join } from 'node:path';
import { directDirectory } from '../adapters/direct-socket.ts';
import { NAME_MAP_FILE } from '../adapters/home.ts';
import { NameMap } from '../adapters/name-map.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { createTransport } from '../adapters/transport.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Lane } from '../endpoint/lane.ts';
import { parseAddress } from '../protocol/address.ts';
import { DIRECT_BEGIN, DIRECT_OPEN, DirectCaller } from './direct-caller.ts';
import { DirectHost } from './direct-host.ts';
import { DIRECT_LIST } from './direct-list.ts';

/** What a program and its direct connections need of each other. */
export interface DirectSide {
  readonly endpoint: Endpoint;
  /** Where the daemon was dialled. */
  readonly url: string;
  /** Sends frames by the connection to the daemon, behind all that was sent there before. */
  writeMain(bytes: Buffer): void;
  onDrain(): void;
}

/** Figures of the direct connections that stand. */
export interface DirectStatistics {
  /** Those that this program has opened, and those that others have opened to it. */
  readonly openedCount: number;
  readonly acceptedCount: number;
  /** Messages and requests that came by the latter. */
  readonly receivedCount: number;
}

/** What the map of the node says; where it says nothing, the service is to be asked. */
function isOnNode(map: NameMap, to: string): boolean {
  const own = map.owner()?.node;
  const { node, service } = parseAddress(to) ?? { node: '', service: '~' };
  // Unnamed ends are in no map.
  if (own === undefined || service.startsWith('~')) return true;
  return (node === '' || node === own) && map.find(service)?.state === 'up';
}

export class Direct {
  readonly #caller: DirectCaller | undefined;
  readonly #host: DirectHost | undefined;
  readonly #map: NameMap | undefined;

  /** Where the daemon is not reached by a Unix socket, there are none. */
  constructor({ endpoint, url, writeMain, onDrain }: DirectSide) {
    const directory = directDirectory(url);
    if (directory === undefined) return;
    const transport = createTransport(process.env);
    const map = new NameMap(join(directory, NAME_MAP_FILE));
    const isHere = (address: string): boolean => isOnNode(map, address);
    const common = {
      ...{ endpoint, directory, transport, clock: systemClock, writeMain, onDrain, isHere },
    };
    this.#map = map;
    this.#caller = new DirectCaller(common);
    this.#host = new DirectHost(common);
  }

  /** A lane is busy: it may get a connection. */
  consider(lane: Lane): void {
    this.#caller?.consider(lane);
  }

  /** Answers what another library asks. */
  answer(exchange: Answering): void {
    const { to, command } = exchange.request;
    if (this.#host !== undefined && command === DIRECT_OPEN) void this.#host.offer(exchange);
    else if (this.#host !== undefined && command === DIRECT_BEGIN) exchange.reply();
    else if (this.#host !== undefined && command === DIRECT_LIST) this.#host.list(exchange);
    else exchange.reject({ code: 'E_NOT_UNDERSTOOD', values: { service: to, command } });
  }

  flush(): void {
    this.#caller?.flush();
  }

  /** Bytes that were sent and have not left yet. */
  queuedBytes(): number {
    return this.#caller?.queuedBytes() ?? 0;
  }

  setPaused(isPaused: boolean): void {
    this.#caller?.setPaused(isPaused);
    this.#host?.setPaused(isPaused);
  }

  /** A service is given back. */
  leave(service: string): void {
    this.#host?.leave(service);
  }

  statistics(): DirectStatistics {
    const accepted = this.#host?.lines ?? [];
    const receivedCount = accepted.reduce((count, line) => count + line.receivedCount, 0);
    const openedCount = this.#caller?.count ?? 0;
    return { openedCount, acceptedCount: accepted.length, receivedCount };
  }

  async close(): Promise<void> {
    this.#map?.close();
    this.#caller?.close();
    await this.#host?.close();
  }
}
