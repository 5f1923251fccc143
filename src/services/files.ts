/**
 * `file.put`, `file.offer`, `file.block`: files are written here, offered from here, and their
 * blocks passed on. See docs/FILES.md.
 */
import { resolve } from 'node:path';
import { Gate } from '../base/gate.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import { Attributing } from '../files/attributing.ts';
import { giveBlock } from '../files/block-stream.ts';
import { collect } from '../files/collecting.ts';
import { Offers } from '../files/offers.ts';
import { place } from '../files/placing.ts';
import type { Obtain } from '../files/reception.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { FileSystem } from '../ports/file-system.ts';
import { BUILTIN_SERVICE } from '../protocol/address.ts';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import {
  type BlockAsk,
  type CopyResult,
  FileChannel,
  type PutSpec,
  parseBlockAsk,
  parseOrigin,
} from '../protocol/file.ts';
import {
  FILE_COPIES_MAX,
  FILE_OFFERS_MAX,
  FILE_PROGRESS_MS,
  FILE_SERVED_MAX,
  HOPS_MAX,
} from '../protocol/limits.ts';
import type { FileParts } from './file-parts.ts';
import type { FileRelay } from './file-relay.ts';
import { readOfferSpec, readPutSpec } from './file-spec.ts';

export interface FilesComponents {
  readonly node: string;
  /** Whether others get their blocks through this node. */
  readonly isRelay: boolean;
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly accounts: Accounts;
  readonly relay: FileRelay;
  readonly parts: FileParts;
  /** What paths begin at. */
  readonly cwd: string;
}

/** What the way to a source says: the target is not to blame. */
const SOURCE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'E_UNREACHABLE',
  'E_LOST',
  'E_STREAM_BROKEN',
  'E_NO_SERVICE',
  'E_HOP_LIMIT',
  'E_DEADLINE',
]);

const ROOT = 0;

export class FileService {
  readonly #components: FilesComponents;
  readonly #offers = new Set<Offers>();
  readonly #served = new Gate(FILE_SERVED_MAX);
  readonly #copies = new Set<Promise<unknown>>();
  readonly #stop = new AbortController();

  constructor(components: FilesComponents) {
    this.#components = components;
  }

  readonly methods: Record<string, Method> = {
    'file.put': {
      doc: 'Copies {item, path, name, origin, mode?, owner?} to this node; tells how far it is.',
      args: ['spec'],
      run: ([spec], context) => this.#run(() => this.#put(readPutSpec(spec), context)),
    },
    'file.offer': {
      doc: 'Offers {path, isRecursive} to be copied, tells what it is, until it is cancelled.',
      args: ['spec'],
      run: ([spec], context) => this.#offer(spec, context),
    },
    'file.block': {
      doc: 'Gives one block of what is copied, on channel 1.',
      args: ['ask'],
      run: ([ask], context) => this.#give(ask, context),
    },
  };

  get #isRoot(): boolean {
    return this.#components.accounts.ownUid === ROOT;
  }

  /** Counts what is being copied, to wait for it at the end. */
  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#copies.size >= FILE_COPIES_MAX) {
      throw new DagentError('E_TOO_MANY_COPIES', { max: FILE_COPIES_MAX });
    }
    const copy = work();
    this.#copies.add(copy);
    try {
      return await copy;
    } finally {
      this.#copies.delete(copy);
    }
  }

  #tellProgress(context: CallContext, tell: () => unknown): () => void {
    const { exchange } = context;
    exchange.progress(tell());
    return this.#components.clock.every(FILE_PROGRESS_MS, () => exchange.progress(tell()));
  }

  async #put(spec: PutSpec, context: CallContext): Promise<CopyResult> {
    const { clock, accounts, cwd } = this.#components;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    const startedAtMs = clock.monotonicMs();
    let [doneBytes, sentBytes, isDiscarded] = [0, 0, false];
    context.exchange.onEnd = (channel) => {
      if (channel === FileChannel.DISCARD) isDiscarded = true;
    };
    const stop = this.#tellProgress(context, () => ({ doneBytes, sentBytes }));
    try {
      const path = resolve(cwd, spec.path) + (/.\/$/.test(spec.path) ? '/' : '');
      const placed = await place(
        { item: spec.item, path, name: spec.name },
        {
          ...this.#components,
          attributing: new Attributing(accounts, { ...spec, keepsOwner: this.#isRoot }),
          signal,
          obtain: this.#obtainFrom(spec.origin, signal),
          onBytes: (bytes, hasCome) => {
            doneBytes += bytes;
            if (hasCome) sentBytes += bytes;
          },
          isDiscarded: () => isDiscarded,
        },
      );
      const ms = Math.round(clock.monotonicMs() - startedAtMs);
      return { verdict: 'ok', ...placed, sentBytes, ms };
    } catch (error) {
      // Whoever asked is not told that it was cancelled when it has not asked for that.
      if (!this.#stop.signal.aborted) throw error;
      throw new DagentError('E_LEAVING', { node: this.#components.node });
    } finally {
      stop();
    }
  }

  /** What a target asks for, told apart from what goes wrong here. */
  #obtainFrom(origin: string, signal: AbortSignal): Obtain {
    return async (content, { level, index }, hash) => {
      try {
        const ask = { content, level, index, hash, origin, hops: HOPS_MAX };
        return await this.#block(ask, this.#components.isRelay, signal);
      } catch (error) {
        if (!(error instanceof DagentError) || !SOURCE_ERRORS.has(error.code)) throw error;
        throw new DagentError('E_SOURCE_LOST', { origin, reason: error.message });
      }
    };
  }

  /** A block: offered here, or passed on. */
  #block(ask: BlockAsk, isKept: boolean, signal: AbortSignal): Promise<Buffer> {
    const { node, relay } = this.#components;
    const origin = parseOrigin(ask.origin);
    if (origin?.node !== node || origin.service !== BUILTIN_SERVICE) {
      return relay.block(ask, isKept, signal);
    }
    const offers = [...this.#offers].find((each) => each.has(ask.content)) ?? new Offers();
    return offers.read(ask);
  }

  async #give(value: unknown, context: CallContext): Promise<null> {
    const ask = parseBlockAsk(value);
    if (ask === undefined) {
      throw new DagentError('E_ARGUMENT_INVALID', { method: 'file.block', reason: 'no block' });
    }
    while (!(await this.#tryGive(ask, context))) await this.#served.free();
    return null;
  }

  /**
   * False when too many are being handed out: the block is not held meanwhile, and nobody waits for
   * other nodes with a place that others need.
   */
  async #tryGive(ask: BlockAsk, context: CallContext): Promise<boolean> {
    let hasPlace = false;
    try {
      const bytes = await this.#block(ask, true, context.signal);
      hasPlace = this.#served.tryEnter();
      if (hasPlace) await giveBlock(context, bytes);
      return hasPlace;
    } catch (error) {
      if (!hasPlace) this.#served.wakeNext();
      throw error;
    } finally {
      if (hasPlace) this.#served.leave();
    }
  }

  async #offer(value: unknown, context: CallContext): Promise<null> {
    const { path, isRecursive } = readOfferSpec(value);
    if (this.#offers.size >= FILE_OFFERS_MAX) {
      throw new DagentError('E_TOO_MANY_COPIES', { max: FILE_OFFERS_MAX });
    }
    const { files, cwd } = this.#components;
    const signal = AbortSignal.any([context.signal, this.#stop.signal]);
    const offers = new Offers();
    this.#offers.add(offers);
    const stop = this.#tellProgress(context, () => ({ state: 'offering' }));
    try {
      const source = { files, offers, signal, isRecursive, tellsOwner: this.#isRoot };
      const { item, leftOut } = await collect([resolve(cwd, path)], source);
      context.exchange.progress({ item, leftOut: leftOut.length });
      const over = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => over.resolve());
      if (!signal.aborted) await over.promise;
      return null;
    } finally {
      stop();
      this.#offers.delete(offers);
    }
  }

  /** Ends all copies; settles when they are over. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#copies);
    this.#components.parts.stop();
    await this.#components.relay.stop();
  }
}
