/**
 * The head and the tail of what a command writes, where no more is wanted: the head goes out as it
 * comes, the tail is held until the command has ended, and what is between them is counted and
 * forgotten. So a command that writes without end costs the tree nothing but its head.
 */
import { createHash, type Hash } from 'node:crypto';
import { HeadTail } from '../base/head-tail.ts';
import { Channel, type Omission } from '../protocol/exec.ts';

export type OutputChannel = Omission['channel'];

/** What is sent of a stream when it has ended. */
interface Rest {
  /** Undefined when nothing is missing. */
  readonly omission: Omission | undefined;
  readonly tail: { readonly channel: OutputChannel; readonly bytes: Buffer };
}

class CappedStream {
  readonly #channel: OutputChannel;
  readonly #kept: HeadTail;
  readonly #hash: Hash = createHash('sha256');

  constructor(channel: OutputChannel, bytesMax: number) {
    this.#channel = channel;
    this.#kept = new HeadTail(bytesMax);
  }

  push(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    return this.#kept.push(bytes);
  }

  end(): Rest {
    const { omittedBytes, tail } = this.#kept.kept;
    const channel = this.#channel;
    const hash = this.#hash.digest('base64');
    return {
      omission: omittedBytes === 0 ? undefined : { channel, bytes: omittedBytes, hash },
      tail: { channel, bytes: tail },
    };
  }
}

export class OutputCap {
  readonly #bytesMax: number;
  readonly #streams = new Map<OutputChannel, CappedStream>();

  /** `bytesMax` are the bytes of each stream that are wanted. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes what was written; returns what of it is to be sent now. */
  push(channel: OutputChannel, bytes: Buffer): Buffer {
    let stream = this.#streams.get(channel);
    if (stream === undefined) {
      stream = new CappedStream(channel, this.#bytesMax);
      this.#streams.set(channel, stream);
    }
    return stream.push(bytes);
  }

  /** What is still to be sent. Nothing may come after. */
  end(): Rest[] {
    const channels = [Channel.STDOUT, Channel.STDERR];
    return channels.flatMap((channel) => this.#streams.get(channel)?.end() ?? []);
  }
}
