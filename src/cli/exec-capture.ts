/** What one command writes, kept until it can be printed, or compared with what others wrote. */
import { createHash, type Hash } from 'node:crypto';
import { HeadTail, type Kept, NOTHING_KEPT } from '../base/head-tail.ts';
import { createLineSplitter, type LineSplitter } from '../base/lines.ts';
import type { ExecSink } from '../client/exec.ts';
import { EXEC_KEPT_BYTES_MAX } from '../protocol/limits.ts';
import { createMask } from './exec-mask.ts';
import { CHANNEL_NAMES, type ChannelName, LINE_BYTES_MAX } from './exec-output.ts';

/** What was kept of a stream, and the hash of all of it. */
export interface KeptStream extends Kept {
  readonly hash: string;
}

/** What a command wrote. */
export type Captured = Readonly<Record<ChannelName, KeptStream>>;

export interface CaptureOptions {
  /** Bytes that are kept of each stream. */
  readonly bytesMax: number;
  /** Whether the names of its own host are made the same for all. */
  readonly masksHost: boolean;
}

/** The hash of a stream in which nothing was. */
const EMPTY_HASH = '';

/** Bytes to keep of each stream, where `count` targets share the memory that there is. */
export function shareOf(count: number, bytesMax = Number.POSITIVE_INFINITY): number {
  return Math.floor(Math.min(EXEC_KEPT_BYTES_MAX / 2 / Math.max(count, 1), bytesMax));
}

class StreamCapture {
  readonly #kept: HeadTail;
  readonly #splitter: LineSplitter | undefined;
  #hash: Hash | undefined;
  #wholeHash: string | undefined;

  constructor(bytesMax: number, mask: ((line: Buffer) => Buffer) | undefined) {
    this.#kept = new HeadTail(bytesMax);
    if (mask !== undefined) {
      this.#splitter = createLineSplitter((line) => this.#keep(mask(line)), LINE_BYTES_MAX);
    }
  }

  #keep(bytes: Buffer): void {
    this.#hash ??= createHash('sha256');
    this.#hash.update(bytes);
    this.#kept.push(bytes);
  }

  push(bytes: Buffer): void {
    if (this.#splitter === undefined) this.#keep(bytes);
    else this.#splitter.push(bytes);
  }

  /** Its node has left out so much here; `hash` is that of all of it. */
  skip(bytes: number, hash: string | undefined): void {
    this.#splitter?.end();
    this.#kept.skip(bytes);
    // What would be masked is not in the same place for all: then what is left must do.
    if (this.#splitter === undefined) this.#wholeHash = hash;
    else this.#hash?.update(`${bytes} bytes`);
  }

  end(): KeptStream {
    this.#splitter?.end();
    const hash = this.#wholeHash ?? this.#hash?.digest('base64') ?? EMPTY_HASH;
    return { ...this.#kept.kept, hash };
  }
}

const NO_STREAM: KeptStream = { ...NOTHING_KEPT, hash: EMPTY_HASH };

/** Takes all that one command writes, at once. */
export class Capture implements ExecSink {
  readonly #options: CaptureOptions;
  readonly #streams = new Map<ChannelName, StreamCapture>();
  #names: string[];

  /** `target` is what the node is called here; what it calls itself it says when it starts. */
  constructor(target: string, options: CaptureOptions) {
    this.#options = options;
    this.#names = [target];
  }

  onStart(hostNames: readonly string[]): void {
    this.#names = [...this.#names, ...hostNames];
  }

  onOutput(channel: ChannelName, bytes: Buffer, done: () => void): void {
    this.#stream(channel).push(bytes);
    done();
  }

  onOmitted(channel: ChannelName, bytes: number, hash?: string): void {
    this.#stream(channel).skip(bytes, hash);
  }

  #stream(channel: ChannelName): StreamCapture {
    let stream = this.#streams.get(channel);
    if (stream === undefined) {
      const { bytesMax, masksHost } = this.#options;
      stream = new StreamCapture(bytesMax, masksHost ? createMask(this.#names) : undefined);
      this.#streams.set(channel, stream);
    }
    return stream;
  }

  /** All of it. Nothing may come after. */
  end(): Captured {
    return {
      stdout: this.#streams.get('stdout')?.end() ?? NO_STREAM,
      stderr: this.#streams.get('stderr')?.end() ?? NO_STREAM,
    };
  }
}

/** Whether a command wrote nothing at all. */
export function isSilent(captured: Captured): boolean {
  return CHANNEL_NAMES.every((channel) => captured[channel].hash === EMPTY_HASH);
}

const nothing = (): void => undefined;

/** Hands what was kept to someone who prints it. */
export function replay(captured: Captured, sink: ExecSink): void {
  for (const channel of CHANNEL_NAMES) {
    const { head, omittedBytes, tail } = captured[channel];
    if (head.length > 0) sink.onOutput(channel, head, nothing);
    if (omittedBytes > 0) sink.onOmitted?.(channel, omittedBytes);
    if (tail.length > 0) sink.onOutput(channel, tail, nothing);
  }
}
