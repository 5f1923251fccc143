/**
 * What the node of this host knows of names, out of its name map: without a round trip, and also
 * when its daemon does not answer. What a dead daemon has left is not believed.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Home,
  listDaemons,
  listNodes,
  NAME_MAP_FILE,
  pathsOf,
  readStatus,
  resolveHome,
} from '../adapters/home.ts';
import { type MapContent, type NameEntry, NameMap } from '../adapters/name-map.ts';
import { isNodeName, parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { readStreamUrl } from '../protocol/url.ts';

export type { MapContent, NameEntry } from '../adapters/name-map.ts';

/** Which map is meant: as with `connect`, but that of a node which may be dead. */
export interface NamesOptions {
  readonly home?: string | undefined;
  readonly via?: string | undefined;
}

/** The map beside the socket of a daemon; undefined when it is reached by something else. */
function mapBeside(daemonUrl: string): string | undefined {
  const url = readStreamUrl(daemonUrl);
  return url?.kind === 'unix' ? join(dirname(url.path), NAME_MAP_FILE) : undefined;
}

/** The map of the node that a program is connected to, if that is by a socket of this host. */
export class Names {
  readonly #map: NameMap | undefined;
  readonly #nodeId: string;

  /** `nodeId`: of the node; another one that listens there now is not believed. */
  constructor(daemonUrl: string, nodeId: string) {
    const path = mapBeside(daemonUrl);
    this.#map = path === undefined ? undefined : new NameMap(path);
    this.#nodeId = nodeId;
  }

  /**
   * What the node knows of `to`: `NODE:SERVICE`, or `SERVICE`: its own one, or else one that is up
   * somewhere. Throws E_ADDRESS_INVALID.
   */
  find(to: string): NameEntry | undefined {
    const address = parseAddress(to);
    if (address === undefined) throw new DagentError('E_ADDRESS_INVALID', { address: to });
    const map = this.#map;
    if (map === undefined || map.owner()?.nodeId !== this.#nodeId) return undefined;
    const { node, service } = address;
    if (node !== '') return map.find(service, node);
    const own = map.find(service);
    return own?.state === 'up' ? own : (map.findUp(service) ?? own);
  }

  /** Gives back what it has open. */
  close(): void {
    this.#map?.close();
  }
}

/** Where a map is, and whose it is said to be. */
interface Place {
  readonly via: string;
  readonly path: string;
}

/** That of the running node nearest to the root, or else of any that ran. */
function choosePlace(home: Home): Place {
  const via = listDaemons(home)[0]?.name ?? listNodes(home)[0];
  if (via === undefined) throw new DagentError('E_NO_DAEMON', { home: home.label });
  return { via, path: pathsOf(home, via).names };
}

function placeOf(home: Home, via: string): Place {
  const beside = mapBeside(via);
  if (beside !== undefined) return { via, path: beside };
  if (isNodeName(via)) return { via, path: pathsOf(home, via).names };
  const reason = `${via} is no node of this host: names are read where they are written`;
  throw new DagentError('E_USAGE', { reason });
}

/**
 * Reads all of a map; when it is stale, it says what was so when its daemon died. Throws
 * E_NO_DAEMON or E_VIA_UNKNOWN when there is none, E_STATE_BROKEN when there should be one, E_USAGE
 * for a URL of another host.
 */
export function readNames(options: NamesOptions = {}): MapContent {
  const home = resolveHome(options.home, process.env);
  const wanted = options.via ?? process.env.DAGENT_VIA ?? '';
  const { via, path } = wanted === '' ? choosePlace(home) : placeOf(home, wanted);
  const map = new NameMap(path);
  const content = map.read();
  map.close();
  if (content !== undefined) return content;
  if (isNodeName(via) && readStatus(home, via) === undefined) {
    throw new DagentError('E_VIA_UNKNOWN', { via, home: home.label });
  }
  const isThere = existsSync(path);
  const reason = isThere ? 'it is no name map' : 'its daemon has not written it: is the disk full?';
  throw new DagentError('E_STATE_BROKEN', { path, reason });
}
