/** The flags of a daemon: where they are kept, and how they get to the parent. */
import { join } from 'node:path';
import { openKeptValue } from '../adapters/kept-value.ts';
import type { Asking } from '../endpoint/asking.ts';
import { decodeValue } from '../endpoint/methods.ts';
import type { Logger } from '../ports/logger.ts';
import { DagentError } from '../protocol/errors.ts';
import type { NodeFlags } from '../protocol/flag.ts';
import type { RouterEvent } from '../router/io.ts';
import type { TreeView } from '../services/census.ts';
import type { Events } from '../services/events.ts';
import { Flags } from '../services/flags.ts';
import { type OwnFlagComponents, OwnFlags } from './own-flags.ts';

export interface FlagHostComponents extends Omit<OwnFlagComponents, 'flags'> {
  readonly view: TreeView;
  readonly log: Logger;
  readonly events: Events;
  /** What is shown of a node may be other now. */
  onChange(node: string): void;
  /** Opens a call to the parent's service; undefined at the top. */
  openParent(method: string, args: readonly unknown[]): Asking | undefined;
}

export class FlagHost {
  readonly flags: Flags;
  readonly #components: FlagHostComponents;
  readonly #own: OwnFlags;

  constructor(components: FlagHostComponents) {
    this.#components = components;
    const { view, clock, log, events, dataDir, onChange } = components;
    this.flags = new Flags({
      view,
      clock,
      log,
      kept: openKeptValue(join(dataDir, 'flags.json')),
      onHappening: (happening) => events.add(happening),
      onChange,
      tellParent: (flags) => this.#tellParent(flags),
    });
    this.#own = new OwnFlags({ ...components, flags: this.flags });
  }

  /** Names of those that the parent did not take. Throws why it could not be told. */
  async #tellParent(flags: readonly NodeFlags[]): Promise<readonly string[]> {
    const asking = this.#components.openParent('flag.tell', [flags]);
    if (asking === undefined) return [];
    const refused = decodeValue((await asking.outcome).data);
    if (Array.isArray(refused)) return refused.map(String);
    const values = { service: 'the parent', command: 'flag.tell' };
    throw new DagentError('E_NOT_UNDERSTOOD', values);
  }

  /** Begins to look after the daemon itself. */
  start(): void {
    this.#own.start();
  }

  async stop(): Promise<void> {
    this.#own.stop();
    await this.flags.stop();
  }

  /** Hears what the router says. */
  observe(event: RouterEvent): void {
    switch (event.kind) {
      case 'nodeGone':
        return this.flags.nodeGone(event.record.name);
      case 'uplinkUp':
        return this.flags.uplinkUp();
      case 'uplinkDown':
        this.#own.uplinkDown();
        return this.flags.uplinkDown();
      default:
        return;
    }
  }
}
