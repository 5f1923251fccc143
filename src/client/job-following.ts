/** Reading what a job writes, from the beginning or from where a broken way has left off. */
import type { Asking } from '../endpoint/asking.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { Channel, isTextList } from '../protocol/exec.ts';
import type { JobPlace, JobRecord } from '../protocol/job.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import type { Client } from './client.ts';
import { type ExecSink, watchPatience } from './exec.ts';
import { type OnAway, persist } from './job-persistence.ts';
import { readRecord } from './jobs.ts';

export interface FollowOptions {
  /** False: what there is, and no more. */
  readonly isFollowing: boolean;
  /** Only what was written in so many milliseconds. */
  readonly lastMs?: number | undefined;
  readonly tellsHost?: boolean | undefined;
  /** Bytes of each stream that are sent, the first and the last of them. */
  readonly outputBytesMax?: number | undefined;
  /** Is told when the node is away, and asked again. */
  readonly onAway?: OnAway | undefined;
}

export interface Following {
  /**
   * The job at the end; rejects with what the node or the way there says, and with E_DEADLINE when
   * nothing is heard of it. A node that has answered once is asked again when it is away.
   */
  readonly record: Promise<JobRecord>;
  /** Reads no more. The job goes on. */
  detach(): void;
}

/** One reader, over as many attempts as it takes. */
class Reader implements Following {
  readonly #client: Client;
  readonly #target: string;
  readonly #id: string;
  readonly #sink: ExecSink;
  readonly #options: FollowOptions;
  readonly #leaving = new AbortController();
  #asking: Asking | undefined;
  /** How far it has read; unknown until the node has answered. */
  #at: { stdout: number; stderr: number } | undefined;
  readonly record: Promise<JobRecord>;

  constructor(client: Client, target: string, id: string, sink: ExecSink, options: FollowOptions) {
    this.#client = client;
    this.#target = target;
    this.#id = id;
    this.#sink = sink;
    this.#options = options;
    const { onAway, isFollowing } = options;
    const hasAnswered = (): boolean => isFollowing && this.#at !== undefined;
    const { signal } = this.#leaving;
    const isReturning = (): boolean => client.isReturning;
    const persistence = { onAway, hasAnswered, isReturning, signal };
    this.record = persist((heard) => this.#read(heard), persistence);
    this.record.catch(() => 'who detaches does not wait for it');
  }

  async #read(heard: () => void): Promise<JobRecord> {
    const { onAway: _, ...options } = this.#options;
    const { lastMs: __, ...again } = options;
    const wish = this.#at === undefined ? options : { ...again, at: this.#at };
    const given = Object.entries(wish).filter(([, value]) => value !== undefined);
    const args = [this.#id, Object.fromEntries(given)];
    const asking = this.#client.openCall(`${this.#target}:`, 'job.output', args, REQUEST_MS_MAX);
    this.#asking = asking;
    const patience = watchPatience(asking, this.#target, undefined);
    asking.onProgress = (value) => {
      patience.heard();
      heard();
      this.#hearProgress((value ?? {}) as Readonly<Record<string, unknown>>);
    };
    asking.onData = (channel, bytes) => {
      patience.heard();
      const name = channel === Channel.STDOUT ? 'stdout' : 'stderr';
      this.#advance(name, bytes.length);
      this.#sink.onOutput(name, bytes, () => asking.grant(bytes.length));
    };
    try {
      return readRecord(decodeValue((await asking.outcome).data), this.#target, 'job.output');
    } finally {
      patience.stop();
    }
  }

  #advance(name: 'stdout' | 'stderr', bytes: number): void {
    if (this.#at !== undefined) this.#at[name] += bytes;
  }

  #hearProgress({ state, at, host, omitted, bytes }: Readonly<Record<string, unknown>>): void {
    if (state === 'started' && this.#at === undefined) {
      const { stdout, stderr } = (at ?? {}) as Partial<JobPlace>;
      this.#at = { stdout: Number(stdout ?? 0), stderr: Number(stderr ?? 0) };
      this.#sink.onStart?.(isTextList(host) ? host : []);
    }
    if ((omitted === 'stdout' || omitted === 'stderr') && typeof bytes === 'number') {
      this.#advance(omitted, bytes);
      this.#sink.onOmitted?.(omitted, bytes);
    }
  }

  detach(): void {
    this.#leaving.abort();
    this.#asking?.cancel();
  }
}

/** Reads the output of a job, no faster than the sink takes it. */
export function followJob(
  client: Client,
  target: string,
  id: string,
  sink: ExecSink,
  options: FollowOptions,
): Following {
  return new Reader(client, target, id, sink, options);
}
