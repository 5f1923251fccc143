/**
 * The output of a job as a stream: what there is, what is not kept any more, and what still comes.
 * A reader that is slow stops the reading, never the job.
 *
 * Channels of the exchange: 1 stdout, 2 stderr. A progress says {state: 'started', at, host?} at
 * first, with the place where it begins, {omitted: channel, bytes} where something is missing, {state: 'running'} in silence.
 */
import type { Answering } from '../endpoint/answering.ts';
import type { CallContext } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { OutputChannel } from '../ports/spawner.ts';
import { Channel } from '../protocol/exec.ts';
import type { JobPlace } from '../protocol/job.ts';
import { EXEC_ALIVE_MS } from '../protocol/limits.ts';
import type { Job } from './job.ts';
import type { OutputWish } from './job-args.ts';

const CHANNELS = [
  ['stdout', Channel.STDOUT],
  ['stderr', Channel.STDERR],
] as const;

/** One reader of a job. */
class Reading {
  readonly #job: Job;
  readonly #exchange: Answering;
  readonly #signal: AbortSignal;
  readonly #at: Record<OutputChannel, number>;

  constructor(job: Job, { exchange, signal }: CallContext, at: JobPlace) {
    this.#job = job;
    this.#exchange = exchange;
    this.#signal = signal;
    this.#at = { ...at };
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#exchange.onDrain = resolve;
      this.#signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  async #write(channel: number, bytes: Buffer): Promise<void> {
    if (!this.#exchange.write(channel, bytes)) await this.#drained();
  }

  /** Sends one stream up to `end`. */
  async #send(name: OutputChannel, channel: number, end: number): Promise<void> {
    while (!this.#signal.aborted) {
      const piece = await this.#job.read(name, this.#at[name], end);
      if (piece === undefined) return;
      this.#at[name] = piece.to;
      if (piece.kind === 'kept') await this.#write(channel, piece.bytes);
      else this.#exchange.progress({ omitted: name, bytes: piece.bytes });
    }
  }

  /** Sends all that there is, the two streams side by side as far as it is known when they grew. */
  async sendAll(): Promise<void> {
    const { sizes, samples } = this.#job;
    for (const ends of [...samples.all, sizes]) {
      for (const [name, channel] of CHANNELS) {
        if (ends[name] > this.#at[name]) await this.#send(name, channel, ends[name]);
      }
    }
  }
}

function findPlace(job: Job, { at, sinceMs }: OutputWish): JobPlace {
  if (at !== undefined) return at;
  return sinceMs === undefined ? { stdout: 0, stderr: 0 } : job.samples.placeAt(sinceMs);
}

/** Sends the output of a job; settles when that is done, or nobody wants it any more. */
export async function streamOutput(
  job: Job,
  wish: OutputWish,
  context: CallContext,
  { clock, hostNames }: { readonly clock: Clock; hostNames(): readonly string[] },
): Promise<void> {
  const { exchange, signal } = context;
  const at = findPlace(job, wish);
  const reading = new Reading(job, context, at);
  const host = wish.tellsHost ? { host: hostNames() } : {};
  exchange.progress({ state: 'started', at, ...host });
  if (!wish.isFollowing) return reading.sendAll();
  const stop = clock.every(EXEC_ALIVE_MS, () => exchange.progress({ state: 'running' }));
  job.followerCount += 1;
  try {
    while (!signal.aborted) {
      const { isOver } = job;
      await reading.sendAll();
      if (isOver) return;
      await job.changed(signal);
    }
  } finally {
    stop();
    job.followerCount -= 1;
  }
}
