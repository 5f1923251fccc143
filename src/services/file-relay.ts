/**
 * Passes blocks on: carries out what the spool says. A block is asked for at the next hop on the
 * way to its origin, which does the same; so it crosses each link of the tree once, whoever wants
 * it.
 */
import { assertNever } from '../base/assert.ts';
import type { Asking } from '../endpoint/asking.ts';
import { takeBlock } from '../files/block-stream.ts';
import { hashOf } from '../files/blocks.ts';
import {
  createSpool,
  isIdle,
  type Spool,
  type SpoolInput,
  type SpoolOutput,
  step,
} from '../files/spool.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Slab } from '../ports/slab.ts';
import { DagentError } from '../protocol/errors.ts';
import { type BlockAsk, parseOrigin } from '../protocol/file.ts';
import { FILE_BLOCK_BYTES, FILE_BLOCK_MS, FILE_SPOOL_IDLE_MS } from '../protocol/limits.ts';

export interface RelayComponents {
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Bytes of blocks that are kept on disk. */
  readonly spoolBytes: number;
  openSlab(): Promise<Slab>;
  /** Name of the neighbour on the way to a node; undefined when there is no way. */
  nextHop(node: string): string | undefined;
  /** Asks a service of a node, or of this one. */
  call(to: string, method: string, args: readonly unknown[], timeoutMs: number): Asking;
}

type Load = Extract<SpoolOutput, { kind: 'load' }>;

interface Waiter {
  readonly give: (bytes: Buffer) => void;
  readonly refuse: (error: DagentError) => void;
}

export class FileRelay {
  readonly #components: RelayComponents;
  readonly #waiters = new Map<number, Waiter>();
  #spool: Spool;
  /** Opened when the first block is to be kept; undefined when that failed. */
  #slab: Promise<Slab | undefined> | undefined;
  #token = 0;
  #isKeeping = true;
  #stopIdle: (() => void) | undefined;

  constructor(components: RelayComponents) {
    this.#components = components;
    this.#spool = createSpool(this.slots);
  }

  /** Blocks that are kept at most. */
  get slots(): number {
    return Math.floor(this.#components.spoolBytes / FILE_BLOCK_BYTES);
  }

  get counters(): Spool['counters'] {
    return this.#spool.counters;
  }

  /** Opens what a former run has left. */
  async start(): Promise<void> {
    const slab = await this.#open();
    if (slab !== undefined) this.#spool = createSpool(this.slots, slab.left);
    this.#awaitIdle();
  }

  /**
   * The block, from the spool or from the next hop. `isKept`: others are likely to ask for it.
   * Throws what stood in the way, E_COPY_CANCELLED.
   */
  block(ask: BlockAsk, isKept: boolean, signal: AbortSignal): Promise<Buffer> {
    const token = ++this.#token;
    this.#awaitIdle();
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.#waiters.delete(token);
        this.#feed({ kind: 'cancel', token, hash: ask.hash });
        reject(new DagentError('E_COPY_CANCELLED', {}));
      };
      if (signal.aborted) return cancel();
      signal.addEventListener('abort', cancel);
      const end = (): void => signal.removeEventListener('abort', cancel);
      this.#waiters.set(token, {
        give: (bytes) => {
          end();
          resolve(bytes);
        },
        refuse: (error) => {
          end();
          reject(error);
        },
      });
      this.#feed({ kind: 'ask', token, ask, isKept });
    });
  }

  #feed(input: SpoolInput): void {
    for (const output of step(this.#spool, input)) this.#perform(output);
  }

  #perform(output: SpoolOutput): void {
    switch (output.kind) {
      case 'fetch':
        return void this.#fetch(output.ask);
      case 'store':
        return void this.#store(output.slot, output.hash, output.bytes);
      case 'load':
        return void this.#load(output);
      case 'give':
        return this.#takeWaiter(output.token)?.give(output.bytes);
      case 'refuse': {
        const { code, values, origin } = output.error;
        const more = origin === undefined ? {} : { origin };
        return this.#takeWaiter(output.token)?.refuse(new DagentError(code, values, more));
      }
      default:
        return assertNever(output);
    }
  }

  #takeWaiter(token: number): Waiter | undefined {
    const waiter = this.#waiters.get(token);
    this.#waiters.delete(token);
    return waiter;
  }

  async #fetch(ask: BlockAsk): Promise<void> {
    const { hash } = ask;
    try {
      const to = this.#whomToAsk(ask);
      const args = [{ ...ask, hops: ask.hops - 1 }];
      const asking = this.#components.call(to, 'file.block', args, FILE_BLOCK_MS);
      const bytes = await takeBlock(asking, hash);
      this.#feed({ kind: 'came', hash, bytes });
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      this.#feed({ kind: 'failed', hash, error: error.toData() });
    }
  }

  /** Throws E_UNREACHABLE, E_HOP_LIMIT. */
  #whomToAsk({ origin, hops }: BlockAsk): string {
    const { node, nextHop } = this.#components;
    const home = parseOrigin(origin)?.node ?? '';
    if (home === node) return origin;
    if (hops === 0) throw new DagentError('E_HOP_LIMIT', { to: home, max: hops, node });
    const hop = nextHop(home);
    if (hop !== undefined) return `${hop}:`;
    throw new DagentError('E_UNREACHABLE', { to: home, node, reason: 'knows no way' });
  }

  async #open(): Promise<Slab | undefined> {
    this.#slab ??= this.#components.openSlab().catch((error: Error) => {
      // Blocks are passed on all the same, but not kept.
      this.#components.log.warn('cannot open the spool of blocks', { reason: error.message });
      return undefined;
    });
    return await this.#slab;
  }

  async #store(slot: number, hash: string, bytes: Buffer): Promise<void> {
    let isStored = false;
    try {
      const slab = await this.#open();
      await slab?.write(slot, hash, bytes);
      isStored = slab !== undefined;
    } catch (error) {
      // Once, and not for each block of a file.
      if (this.#isKeeping) {
        this.#components.log.warn('cannot keep blocks', { reason: String(error) });
      }
    }
    this.#isKeeping = isStored;
    this.#feed({ kind: 'stored', hash, isStored });
  }

  async #load({ slot, hash, bytes, isChecked }: Load): Promise<void> {
    const block = await this.#read(slot, bytes).catch(() => undefined);
    const isGood = block !== undefined && (isChecked || hashOf(block) === hash);
    this.#feed({ kind: 'loaded', hash, bytes: isGood ? block : undefined });
  }

  async #read(slot: number, bytes: number): Promise<Buffer | undefined> {
    const block = await (await this.#open())?.read(slot, bytes);
    return block?.length === bytes ? block : undefined;
  }

  /** When nobody has asked for long, the disk is given back. */
  #awaitIdle(): void {
    this.#stopIdle?.();
    this.#stopIdle = this.#components.clock.after(FILE_SPOOL_IDLE_MS, () => void this.#clear());
  }

  async #clear(): Promise<void> {
    if (!isIdle(this.#spool)) return this.#awaitIdle();
    const { counters } = this.#spool;
    this.#spool = createSpool(this.slots);
    Object.assign(this.#spool.counters, counters);
    await (await this.#slab)?.clear().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopIdle?.();
    await (await this.#slab)?.close();
  }
}
