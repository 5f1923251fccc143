/**
 * Publishes the names that a node knows in its name map: those of its own programs, and those of
 * the nodes that it has routes to, as far as there is room.
 */
import { dirname } from 'node:path';
import { directPath } from '../adapters/direct-socket.ts';
import { removeFile } from '../adapters/files.ts';
import type { MapOwner, NameEntry, NameState } from '../adapters/name-map-format.ts';
import { NameMapWriter } from '../adapters/name-map-writer.ts';
import type { Logger } from '../ports/logger.ts';
import { MAP_NAMES_MAX } from '../protocol/limits.ts';
import type { NodeRecord } from '../protocol/record.ts';
import type { RouterEvent } from '../router/io.ts';
import type { Keep } from './unwritten.ts';

export interface NamesComponents {
  /** Of the map. */
  readonly path: string;
  readonly owner: MapOwner;
  /** Of the ids that are given to registrations. */
  readonly seed: number;
  readonly log: Logger;
  readonly keep: Keep;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Who has a name. */
type Named = Pick<NameEntry, 'service' | 'node' | 'nodeId'>;

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

export class Names {
  readonly #components: NamesComponents;
  /** Services of other nodes that are in the map and not down, by node. */
  readonly #others = new Map<string, Set<string>>();
  #otherCount = 0;
  #number = 0;
  readonly #map: NameMapWriter;
  #isClosed = false;

  /** Makes the map. Where there can be none the daemon does without, and programs ask it. */
  constructor(components: NamesComponents) {
    this.#components = components;
    this.#map = new NameMapWriter(components.path, components.owner);
    this.#publish();
  }

  /** Hears what the router says. */
  observe(event: RouterEvent): void {
    if (this.#isClosed) return;
    try {
      this.#apply(event);
    } catch {
      // A wrong map is worse than none.
      this.#withdraw();
      this.#publish();
    }
  }

  /** Takes the map away, for good. */
  close(): void {
    this.#isClosed = true;
    this.#withdraw();
  }

  #withdraw(): void {
    try {
      this.#map.withdraw();
    } catch (error) {
      this.#complain(error);
    }
  }

  #publish(): void {
    const { path, keep } = this.#components;
    // What a dead daemon has left is nobody's any more, also if it cannot be replaced now.
    removeFile(path);
    try {
      keep(path, () => {
        if (!this.#isClosed) this.#map.publish();
      });
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const { path, log } = this.#components;
    log.error('there is no name map', { path, reason: String(error) });
  }

  #apply(event: RouterEvent): void {
    const { node, nodeId } = this.#components.owner;
    switch (event.kind) {
      case 'serviceUp':
      case 'serviceDown': {
        const state = event.kind === 'serviceUp' ? 'up' : 'down';
        return this.#put({ service: event.service, node, nodeId }, state);
      }
      case 'serviceDirect':
        return this.#connectable(event.service, event.socket);
      case 'nodeUp':
      case 'nodeChanged':
        return this.#nodeUp(event.record);
      case 'nodeLost':
        return this.#nodeAway(event.record, 'lost');
      case 'nodeGone':
        return this.#nodeAway(event.record, 'down');
      default:
        return;
    }
  }

  #nodeUp({ name: node, id: nodeId, services }: NodeRecord): void {
    const known = this.#others.get(node) ?? new Set();
    const current = new Set(services);
    for (const service of known) {
      if (!current.has(service)) this.#remove({ service, node, nodeId }, known);
    }
    for (const service of services) this.#add({ service, node, nodeId }, known);
    if (known.size > 0) this.#others.set(node, known);
    else this.#others.delete(node);
  }

  #nodeAway({ name: node, id: nodeId }: NodeRecord, state: NameState): void {
    const known = this.#others.get(node) ?? new Set();
    for (const service of known) {
      if (state === 'down') this.#remove({ service, node, nodeId }, known);
      else this.#put({ service, node, nodeId }, state);
    }
    if (known.size === 0) this.#others.delete(node);
  }

  #add(name: Named, known: Set<string>): void {
    if (!known.has(name.service)) {
      if (this.#otherCount >= MAP_NAMES_MAX / 2) return this.#map.leaveOut();
      known.add(name.service);
      this.#otherCount++;
    }
    this.#put(name, 'up');
  }

  #remove(name: Named, known: Set<string>): void {
    known.delete(name.service);
    this.#otherCount--;
    this.#put(name, 'down');
  }

  /** A name that was down, or is another node's of that name, is taken anew. */
  #put(name: Named, state: NameState): void {
    const { seed, now } = this.#components;
    const map = this.#map;
    const former = map.get(name.node, name.service);
    const isSame = former?.nodeId === name.nodeId && former.state === state;
    if (isSame) return;
    const isKept = former?.nodeId === name.nodeId && former.state !== 'down';
    const id = isKept ? former.id : `${hex(seed)}${hex(++this.#number)}`;
    const sinceMs = now();
    const isIn = map.put({ ...name, id, state, sinceMs, socket: null });
    if (!isIn) map.leaveOut();
  }

  /** A program of this node says at which socket others connect to a service. */
  #connectable(service: string, socketName: string): void {
    const { owner, path } = this.#components;
    const entry = this.#map.get(owner.node, service);
    const socket = directPath(dirname(path), socketName);
    if (entry === undefined || socket === undefined) return;
    this.#map.put({ ...entry, socket });
  }
}
