/**
 * The output of a job as a stream: what there is, what is not kept any more, and what still comes.
 * A reader that is slow stops the reading, never the job.
 *
 * Channels of the exchange: 1 stdout, 2 stderr. A progress says {state: 'started', at, host?} at
 * first, with the place where it begins; {omitted: 'stdout', bytes} where something is missing;
 * {state: 'running'} in silence.
 */
import { cutHead, cutTail } from '../base/head-tail.ts';
import type { Answering } from '../endpoint/answering.ts';
import type { CallContext } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { JobGaps } from '../ports/job-host.ts';
import type { OutputChannel } from '../ports/spawner.ts';
import { Channel } from '../protocol/exec.ts';
import type { JobPlace } from '../protocol/job.ts';
import { EXEC_ALIVE_MS, STREAM_CHUNK_BYTES } from '../protocol/limits.ts';
import type { OutputWish } from './job-args.ts';
import type { JobSamples } from './job-samples.ts';
import { untilDrained } from './line-stream.ts';

/** A part of a stream, or how much of it is not kept. */
export type ReadPiece =
  | { readonly kind: 'kept'; readonly to: number; readonly bytes: Buffer }
  | { readonly kind: 'omitted'; readonly to: number; readonly bytes: number };

/** Whatever writes, and keeps of that what it can. */
export interface OutputSource {
  /** Bytes that were written so far. */
  readonly sizes: Readonly<Record<OutputChannel, number>>;
  readonly gaps: JobGaps;
  readonly samples: Pick<JobSamples, 'all' | 'placeAt'>;
  readonly isOver: boolean;
  /** Those who read its output while it is written. */
  followerCount: number;
  /** What comes next in a stream from `at` on, up to `end`; undefined when nothing does yet. */
  read(channel: OutputChannel, at: number, end: number): Promise<ReadPiece | undefined>;
  /** Settles when there may be more, or when `signal` is aborted. */
  changed(signal: AbortSignal): Promise<void>;
}

const CHANNELS = [
  ['stdout', Channel.STDOUT],
  ['stderr', Channel.STDERR],
] as const;

/** One reader of a job. */
class Reading {
  readonly #job: OutputSource;
  readonly #exchange: Answering;
  readonly #signal: AbortSignal;
  readonly #begin: JobPlace;
  readonly #at: Record<OutputChannel, number>;
  readonly #bytesMax: number;
  /** Bytes of the beginning of which all is sent, at most: less when it ends with a line. */
  readonly #headBytes: Record<OutputChannel, number>;

  constructor(
    job: OutputSource,
    { exchange, signal }: CallContext,
    at: JobPlace,
    bytesMax: number,
  ) {
    this.#job = job;
    this.#exchange = exchange;
    this.#signal = signal;
    this.#begin = at;
    this.#at = { ...at };
    this.#bytesMax = bytesMax;
    const half = Math.ceil(bytesMax / 2);
    this.#headBytes = { stdout: half, stderr: half };
  }

  async #write(channel: number, bytes: Buffer): Promise<void> {
    if (!this.#exchange.write(channel, bytes)) {
      await untilDrained(this.#exchange, this.#signal);
    }
  }

  /** Says that what comes next stands at `to`. */
  #omit(name: OutputChannel, to: number): void {
    this.#exchange.progress({ omitted: name, bytes: to - this.#at[name] });
    this.#at[name] = to;
  }

  /** Sends one stream up to `end`; `choose` says how much of a piece goes. */
  async #send(
    name: OutputChannel,
    channel: number,
    end: number,
    choose = ({ length }: Buffer): number => length,
  ): Promise<void> {
    while (!this.#signal.aborted) {
      const piece = await this.#job.read(name, this.#at[name], end);
      if (piece === undefined) return;
      if (piece.kind === 'omitted') {
        this.#omit(name, piece.to);
        continue;
      }
      const count = choose(piece.bytes);
      if (count === 0) return;
      this.#at[name] += count;
      await this.#write(channel, piece.bytes.subarray(0, count));
    }
  }

  /** What of a piece of the beginning goes: near its end whole lines. */
  #chooseOfHead(name: OutputChannel, bytes: Buffer): number {
    const at = this.#at[name] - this.#begin[name];
    const bytesMax = this.#headBytes[name];
    const isLast = at + bytes.length === bytesMax;
    const isFull = isLast && this.#job.sizes[name] > this.#begin[name] + bytesMax;
    const count = cutHead(bytes, { at, bytesMax, isFull });
    if (isFull) this.#headBytes[name] = at + count;
    return count;
  }

  /** Sends what there is, the two streams side by side as far as it is known when they grew. */
  async sendAll(): Promise<void> {
    const { sizes, samples } = this.#job;
    for (const ends of [...samples.all, sizes]) {
      for (const [name, channel] of CHANNELS) {
        const end = Math.min(ends[name], this.#begin[name] + this.#headBytes[name]);
        if (end <= this.#at[name]) continue;
        await this.#send(name, channel, end, (bytes) => this.#chooseOfHead(name, bytes));
      }
    }
  }

  /** Where the last of a stream begins, of which all is sent: with a line, if one does nearby. */
  async #findTail(name: OutputChannel): Promise<number> {
    const { sizes, gaps } = this.#job;
    const bytesMax = this.#bytesMax - this.#headBytes[name];
    const before = sizes[name] - bytesMax - 1;
    // All that is left fits.
    if (before < this.#at[name]) return this.#at[name];
    const { from, to } = gaps[name];
    if (before >= from && before < to) return to;
    const piece = await this.#job.read(name, before, before + STREAM_CHUNK_BYTES);
    return before + (piece?.kind === 'kept' ? cutTail(piece.bytes, bytesMax) : 1);
  }

  /** Sends what is left when no more comes: where that is too much, the last of it. */
  async sendRest(): Promise<void> {
    await this.sendAll();
    for (const [name, channel] of CHANNELS) {
      const tail = await this.#findTail(name);
      if (tail > this.#at[name]) this.#omit(name, tail);
      await this.#send(name, channel, this.#job.sizes[name]);
    }
  }
}

function findPlace(job: OutputSource, { at, sinceMs }: OutputWish): JobPlace {
  if (at !== undefined) return at;
  return sinceMs === undefined ? { stdout: 0, stderr: 0 } : job.samples.placeAt(sinceMs);
}

/** Sends the output of a job; settles when that is done, or nobody wants it any more. */
export async function streamOutput(
  job: OutputSource,
  wish: OutputWish,
  context: CallContext,
  { clock, hostNames }: { readonly clock: Clock; hostNames(): readonly string[] },
): Promise<void> {
  const { exchange, signal } = context;
  const at = findPlace(job, wish);
  const reading = new Reading(job, context, at, wish.bytesMax);
  const host = wish.tellsHost ? { host: hostNames() } : {};
  exchange.progress({ state: 'started', at, ...host });
  if (!wish.isFollowing) return reading.sendRest();
  const stop = clock.every(EXEC_ALIVE_MS, () => exchange.progress({ state: 'running' }));
  job.followerCount += 1;
  try {
    while (!signal.aborted) {
      if (job.isOver) return await reading.sendRest();
      await reading.sendAll();
      await job.changed(signal);
    }
  } finally {
    stop();
    job.followerCount -= 1;
  }
}
