/** A node that passes blocks on, the one that it asks, and a disk that does as the test says. */
import type { Asking } from '../../src/endpoint/asking.ts';
import { CallServer } from '../../src/endpoint/call-server.ts';
import { type Method, openCall } from '../../src/endpoint/methods.ts';
import { giveBlock } from '../../src/files/block-stream.ts';
import { Offers } from '../../src/files/offers.ts';
import type { Slab, SlabEntry } from '../../src/ports/slab.ts';
import { type BlockAsk, type Content, parseBlockAsk } from '../../src/protocol/file.ts';
import { FILE_BLOCK_BYTES } from '../../src/protocol/limits.ts';
import { FileRelay } from '../../src/services/file-relay.ts';
import { createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';

/** Blocks in memory. */
class FakeSlab implements Slab {
  left: SlabEntry[] = [];
  readonly slots = new Map<number, Buffer>();
  isFull = false;
  isClosed = false;

  write(slot: number, _: string, bytes: Buffer): Promise<void> {
    if (this.isFull) return Promise.reject(new Error('ENOSPC'));
    this.slots.set(slot, bytes);
    return Promise.resolve();
  }

  read(slot: number, bytes: number): Promise<Buffer> {
    return Promise.resolve((this.slots.get(slot) ?? Buffer.alloc(0)).subarray(0, bytes));
  }

  clear(): Promise<void> {
    this.slots.clear();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

export class RelayBench {
  readonly clock = new FakeClock();
  readonly slab = new FakeSlab();
  readonly offers = new Offers();
  readonly pair = createPair();
  /** What the next hop was asked, by address and hops. */
  readonly asked: { readonly to: string; readonly ask: BlockAsk; readonly timeoutMs: number }[] =
    [];
  readonly warnings: string[] = [];
  hop: string | undefined = 'there';
  /** What the next hop gives instead of the block. */
  spoil: ((bytes: Buffer) => Buffer) | undefined;
  readonly relay: FileRelay;

  constructor(spoolBlocks = 4) {
    const block: Method = {
      doc: 'Gives a block.',
      run: async ([value], context) => {
        const ask = parseBlockAsk(value);
        if (ask === undefined) throw new Error('no ask');
        const bytes = await this.offers.read(ask);
        await giveBlock(context, this.spoil === undefined ? bytes : this.spoil(bytes));
      },
    };
    const methods = { 'file.block': block };
    for (const service of ['dagent', '~1']) {
      const server = new CallServer(methods, { node: 'there', timer: this.clock });
      this.pair.there.handle(service, server.handlers);
    }
    this.relay = new FileRelay({
      node: 'here',
      clock: this.clock,
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: (message) => void this.warnings.push(message),
        error: () => undefined,
      },
      spoolBytes: spoolBlocks * FILE_BLOCK_BYTES,
      openSlab: () => Promise.resolve(this.slab),
      nextHop: () => this.hop,
      call: (to, method, args, timeoutMs) => this.#call(to, method, args, timeoutMs),
    });
  }

  #call(to: string, method: string, args: readonly unknown[], timeoutMs: number): Asking {
    this.asked.push({ to, ask: args[0] as BlockAsk, timeoutMs });
    return openCall(this.pair.here, to, method, { args, timeoutMs });
  }

  /** Asks for the only block of a content. */
  ask(content: Content, more: Partial<BlockAsk> = {}, signal = new AbortController().signal) {
    const place = { level: 0, index: 0, hash: content.hash };
    const ask = { content, ...place, origin: 'top:~1', hops: 5, ...more };
    return this.relay.block(ask, true, signal);
  }
}

/** Waits until what goes over, and to the disk, has come to rest. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await quiet();
}
