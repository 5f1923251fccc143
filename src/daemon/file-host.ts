/** Copying of files at a daemon: where its spool is, and what it knows of the tree. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemFiles } from '../adapters/file-system.ts';
import { readJson, writeJson } from '../adapters/home.ts';
import { openSlab } from '../adapters/slab.ts';
import type { Asking } from '../endpoint/asking.ts';
import type { Methods } from '../endpoint/methods.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { BUILTIN_SERVICE, nodeKeyOf, serviceKeyOf } from '../protocol/address.ts';
import { FILE_BLOCK_BYTES } from '../protocol/limits.ts';
import type { Router } from '../router/state.ts';
import { findWay } from '../router/ways.ts';
import { FileParts } from '../services/file-parts.ts';
import { FileRelay } from '../services/file-relay.ts';
import { FileService } from '../services/files.ts';
import type { StartOptions } from './options.ts';

export interface FileHostComponents {
  readonly router: Router;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly log: Logger;
  readonly options: Pick<StartOptions, 'spoolBytesMax'>;
  /** Directory of the node. */
  readonly dataDir: string;
  call(to: string, method: string, args: readonly unknown[], timeoutMs: number): Asking;
}

/** Name of the neighbour that a frame to a node would go to now; undefined when there is no way. */
function nextHop(router: Router, node: string): string | undefined {
  const target = { toNode: nodeKeyOf(node), toService: serviceKeyOf(BUILTIN_SERVICE) };
  const way = findWay(router, target);
  return 'link' in way ? way.link.peer?.name : undefined;
}

function createParts({ clock, log, dataDir }: FileHostComponents): FileParts {
  const path = join(dataDir, 'parts.json');
  const attempt = <T>(what: string, action: () => T): T | undefined => {
    try {
      return action();
    } catch (error) {
      log.warn(`cannot ${what} the list of parts of files`, { path, reason: String(error) });
      return undefined;
    }
  };
  return new FileParts({
    clock,
    recall: () => attempt('read', () => readJson(path)),
    note: (paths) => attempt('write', () => writeJson(path, paths)),
    remove: (part) => rm(part),
  });
}

export class FileHost {
  readonly #service: FileService;
  readonly #relay: FileRelay;
  readonly #parts: FileParts;
  readonly #slabPath: string;

  constructor(components: FileHostComponents) {
    const { router, dataDir } = components;
    const { name: node, role } = router.config;
    this.#slabPath = join(dataDir, 'blocks');
    this.#relay = new FileRelay({
      ...components,
      node,
      spoolBytes: components.options.spoolBytesMax,
      openSlab: () => openSlab(this.#slabPath, FILE_BLOCK_BYTES),
      nextHop: (each) => nextHop(router, each),
    });
    this.#parts = createParts(components);
    this.#service = new FileService({
      ...components,
      node,
      isRelay: role !== 'leaf',
      files: systemFiles,
      relay: this.#relay,
      parts: this.#parts,
      cwd: homedir(),
    });
  }

  get methods(): Methods {
    return this.#service.methods;
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#relay.counters;
  }

  /** Takes over what a former run has left. */
  async start(): Promise<void> {
    this.#parts.start();
    if (existsSync(this.#slabPath)) await this.#relay.start();
  }

  stop(): Promise<void> {
    return this.#service.stop();
  }
}
