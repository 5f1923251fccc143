/** Jobs that are played by the test: it says what is seen of them. What is written down stays. */
import type {
  JobEnd,
  JobEnding,
  JobGaps,
  JobHost,
  JobLaunch,
  JobNote,
  JobSample,
  JobSight,
  JobSizes,
  KeptJob,
  OutputSpool,
  SpoolHandlers,
} from '../../src/ports/job-host.ts';
import type { OutputChannel, SpawnRequest } from '../../src/ports/spawner.ts';
import type { Strays } from '../../src/ports/strays.ts';
import { FakeStrays } from './strays.ts';

const STARTING: JobSight = {
  ...{ isSameBoot: true, pid: null, startedAtMs: null, isAlive: true, isPiped: true },
  ...{ word: '', code: null, endedAtMs: null },
};

/** One job as the host has it. */
export class PlayedJob {
  readonly note: JobNote;
  sight: JobSight = STARTING;
  request: SpawnRequest | undefined;
  handlers: JobLaunch | undefined;
  ending: JobEnding | undefined;
  end: JobEnd | undefined;
  gaps: JobGaps | undefined;
  samples: JobSample[] = [];
  readonly signals: string[] = [];
  groupCount = 2;
  readonly strays = new FakeStrays();
  readonly streams = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  constructor(note: JobNote) {
    this.note = note;
  }

  /** The command itself runs. */
  begin(startedAtMs: number): void {
    this.sight = { ...this.sight, pid: 77, startedAtMs, word: 'ready' };
  }

  say(channel: OutputChannel, text: string): void {
    this.streams[channel] = Buffer.concat([this.streams[channel], Buffer.from(text)]);
  }

  exit(code: number, endedAtMs: number, leftCount = 0): void {
    this.groupCount = leftCount;
    this.sight = { ...this.sight, code, endedAtMs, isAlive: false, isPiped: false };
    this.handlers?.onOver();
  }
}

export class FakeJobHost implements JobHost {
  boot = 'b1';
  readonly jobs = new Map<string, PlayedJob>();
  /** In their order: what is done must have been written down before. */
  readonly acts: string[] = [];
  spoolHandlers: SpoolHandlers | undefined;
  /** Whether the file of a spool takes more at once. */
  takesSpool = true;
  /** Why nothing can be written down, if so. */
  refusal: Error | undefined;

  load(): readonly KeptJob[] {
    return [...this.jobs.values()].map(({ note, ending, end, gaps, samples }) => {
      return { note, ending, end, gaps, samples };
    });
  }

  create(note: JobNote): Promise<void> {
    if (this.refusal !== undefined) return Promise.reject(this.refusal);
    this.acts.push(`create ${note.id}`);
    this.jobs.set(note.id, new PlayedJob(note));
    return Promise.resolve();
  }

  launch(id: string, request: SpawnRequest, handlers: JobLaunch): void {
    this.acts.push(`launch ${id}`);
    const job = this.#job(id);
    job.request = request;
    job.handlers = handlers;
  }

  #job(id: string): PlayedJob {
    const job = this.jobs.get(id);
    if (job === undefined) throw new Error(`there is no job ${id}`);
    return job;
  }

  openSpool(note: JobNote, handlers: SpoolHandlers): OutputSpool {
    if (this.refusal !== undefined) throw this.refusal;
    const job = new PlayedJob(note);
    this.acts.push(`spool ${note.id}`);
    this.jobs.set(note.id, job);
    this.spoolHandlers = handlers;
    return {
      write: (channel, bytes) => {
        job.say(channel, bytes.toString());
        return this.takesSpool;
      },
      written: (channel) => job.streams[channel].length,
      close: ({ stdout, stderr }) => {
        for (const [channel, end] of Object.entries({ stdout, stderr })) {
          const name = channel as OutputChannel;
          const gap = Buffer.alloc(Math.max(0, end.at - job.streams[name].length));
          job.streams[name] = Buffer.concat([job.streams[name], gap, end.bytes]);
        }
        return Promise.resolve();
      },
    };
  }

  look(id: string, boot: string): JobSight {
    return { ...this.#job(id).sight, isSameBoot: boot === this.boot };
  }

  sizes(id: string): JobSizes {
    const { streams, gaps } = this.jobs.get(id) ?? {};
    const [stdout, stderr] = [streams?.stdout.length ?? 0, streams?.stderr.length ?? 0];
    const cut = gaps === undefined ? 0 : gaps.stdout.to - gaps.stdout.from;
    return { stdout, stderr, diskBytes: stdout + stderr - cut };
  }

  complaint(id: string): string {
    return this.#job(id).streams.stderr.toString();
  }

  read(id: string, channel: OutputChannel, at: number, length: number): Promise<Buffer> {
    return Promise.resolve(this.#job(id).streams[channel].subarray(at, at + length));
  }

  signal(id: string, signal: NodeJS.Signals): number {
    this.acts.push(`${signal} ${id}`);
    this.#job(id).signals.push(signal);
    return this.#job(id).groupCount;
  }

  countGroup(id: string): number {
    return this.#job(id).groupCount;
  }

  strays(id: string): Strays {
    return this.#job(id).strays;
  }

  writeEnding(id: string, ending: JobEnding): void {
    this.acts.push(`ending ${id}`);
    this.#job(id).ending = ending;
  }

  writeEnd(id: string, end: JobEnd): void {
    if (this.refusal !== undefined) throw this.refusal;
    this.#job(id).end = end;
  }

  writeSamples(id: string, samples: readonly JobSample[], isWhole: boolean): void {
    const job = this.#job(id);
    job.samples = isWhole ? [...samples] : [...job.samples, ...samples];
  }

  writeGaps(id: string, gaps: JobGaps): void {
    this.#job(id).gaps = gaps;
  }

  cut(id: string, gaps: JobGaps): void {
    this.#job(id).gaps = gaps;
  }

  remove(id: string): void {
    this.jobs.delete(id);
  }

  /** The job that was started last. */
  get last(): PlayedJob {
    const job = [...this.jobs.values()].at(-1);
    if (job === undefined) throw new Error('nothing was started');
    return job;
  }
}
