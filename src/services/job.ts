/** One job of a node: looks at it, does what its step says, and tells who waits. */
import type { Clock } from '../ports/clock.ts';
import type { JobEnding, JobGaps, JobHost, JobSizes, KeptJob } from '../ports/job-host.ts';
import type { Logger } from '../ports/logger.ts';
import type { OutputChannel, SpawnRequest } from '../ports/spawner.ts';
import type { JobRecord, JobStream } from '../protocol/job.ts';
import { JOB_COMMAND_BYTES_MAX, STREAM_CHUNK_BYTES } from '../protocol/limits.ts';
import { Changes } from './changes.ts';
import { growGap, NO_GAP, nextPiece } from './job-gaps.ts';
import type { OutputSource, ReadPiece } from './job-output.ts';
import type { Occupant } from './job-room.ts';
import { JobSamples } from './job-samples.ts';
import { beginEnding, createLife, type JobLife, type JobOutput, stepJob } from './job-step.ts';
import { StrayHunt } from './stray-hunt.ts';

export interface JobComponents {
  readonly host: JobHost;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of the node. */
  readonly node: string;
}

const NO_GAPS: JobGaps = { stdout: NO_GAP, stderr: NO_GAP };

/** As many bytes of a text as fit, without half a character at the end. */
function cutText(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  return `${bytes
    .subarray(0, bytesMax)
    .toString('utf8')
    .replace(/\ufffd+$/, '')}...`;
}

/** What is told of a command. */
export function recordOf(
  { note, end, pid, startedAtMs }: Pick<JobLife, 'note' | 'end' | 'pid' | 'startedAtMs'>,
  { sizes, gaps }: Pick<OutputSource, 'sizes' | 'gaps'>,
  node: string,
): JobRecord {
  const { id, owner, runsAs, rank, count, isKeyed, timeoutMs, submittedAtMs } = note;
  const streamOf = (channel: OutputChannel): JobStream => {
    const { from, to } = gaps[channel];
    return { bytes: sizes[channel], omittedBytes: to - from };
  };
  return {
    ...{ id, node, owner, isExec: note.isExec === true },
    ...(runsAs === undefined ? {} : { runsAs }),
    command: cutText(note.command, JOB_COMMAND_BYTES_MAX),
    state: end === undefined ? 'running' : 'ended',
    result: end?.result ?? null,
    // What never ran has had a process for a moment, which prepared it.
    pid: end === undefined ? pid : end.pid,
    submittedAtMs,
    startedAtMs: end === undefined ? startedAtMs : end.startedAtMs,
    endedAtMs: end?.endedAtMs ?? null,
    ...{ timeoutMs, rank, count, isKeyed },
    stdout: streamOf('stdout'),
    stderr: streamOf('stderr'),
  };
}

export class Job implements OutputSource {
  readonly #components: JobComponents;
  readonly #life: JobLife;
  readonly samples: JobSamples;
  #gaps: JobGaps;
  #sizes: JobSizes;
  readonly #changes = new Changes();
  #isDraining = false;
  /** For what it has started outside of its group, once it is ended before its time. */
  #hunt: StrayHunt | undefined;
  /** How many of those are left behind its command. */
  #strayCount: number | undefined;
  /** Those who read its output while it is written. */
  followerCount = 0;

  constructor(kept: KeptJob, components: JobComponents) {
    this.#components = components;
    const { note, gaps } = kept;
    this.#life = createLife(note, components.clock.wallMs(), kept);
    this.samples = new JobSamples(kept.samples);
    this.#gaps = gaps ?? NO_GAPS;
    this.#sizes = components.host.sizes(note.id);
  }

  get note() {
    return this.#life.note;
  }

  get gaps(): JobGaps {
    return this.#gaps;
  }

  get sizes(): JobSizes {
    return this.#sizes;
  }

  get isOver(): boolean {
    return this.#life.end !== undefined;
  }

  /** Whether it is known that it runs, or why it never will. */
  get hasBegun(): boolean {
    return this.#life.hasBegun;
  }

  /** Whether its command has ended, and only the rest of its output is waited for. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  get occupant(): Occupant {
    const { note, end, ending } = this.#life;
    const { diskBytes } = this.#sizes;
    const endedAtMs = end?.endedAtMs ?? null;
    const isEnding = ending !== undefined;
    const { id, isKeyed, isExec = false } = note;
    return { id, isKeyed, isExec, endedAtMs, isEnding, diskBytes };
  }

  /** What is told of it. */
  get record(): JobRecord {
    return recordOf(this.#life, this, this.#components.node);
  }

  /** Starts what was written down. Settled by the looks that follow. */
  launch(request: SpawnRequest): void {
    this.#components.host.launch(this.note.id, request, {
      onOver: () => this.look(),
      onNotStarted: (reason) => this.refuse(reason, 125),
    });
  }

  /** It never ran: why, and the status for that. */
  refuse(reason: string, code: number): void {
    if (this.isOver) return;
    const endedAtMs = this.#components.clock.wallMs();
    const result = { verdict: 'not-started', reason, code, ms: 0 } as const;
    const end = { result, pid: null, startedAtMs: null, endedAtMs };
    this.#perform([{ kind: 'end', end }]);
    this.#changes.tell();
  }

  /** Nobody knows what became of it. */
  lose(reason: string): void {
    const endedAtMs = this.#components.clock.wallMs();
    const result = { verdict: 'lost', reason, ms: 0 } as const;
    const { pid, startedAtMs } = this.#life;
    this.#perform([{ kind: 'end', end: { result, pid, startedAtMs, endedAtMs } }]);
  }

  /** Ends its process group: TERM, the grace, KILL. */
  cancel(reason: string | undefined): void {
    const atMs = this.#components.clock.wallMs();
    const why = reason === undefined ? {} : { reason };
    const ending: JobEnding = { verdict: 'cancelled', ...why, atMs };
    this.#perform(beginEnding(this.#life, ending));
    this.look();
  }

  /** Signals its process group; false when there is none. */
  signal(signal: NodeJS.Signals): boolean {
    return !this.isOver && this.#components.host.signal(this.note.id, signal) > 0;
  }

  /** Sees how it is. */
  look(): void {
    if (this.isOver) return;
    const { host, clock } = this.#components;
    const { id, boot } = this.note;
    const sight = host.look(id, boot);
    this.#sizes = host.sizes(id);
    const nowMs = clock.wallMs();
    const { stdout, stderr } = this.#sizes;
    this.#isDraining = sight.code !== null;
    const isEnding = this.#isDraining && this.#life.ending !== undefined;
    const strays = {
      groupCount: isEnding ? host.countGroup(id) : 0,
      foundCount: this.#hunt?.foundCount ?? 0,
      leftCount: this.#strayCount,
    };
    const seen = { sight, bytes: stdout + stderr, strays };
    this.#perform(stepJob(this.#life, seen, nowMs, () => host.complaint(id)));
    this.#keepWithin();
    this.#sample(nowMs);
    this.#changes.tell();
  }

  #perform(outputs: readonly JobOutput[]): void {
    const { id } = this.note;
    const { host } = this.#components;
    for (const output of outputs) {
      switch (output.kind) {
        case 'ending':
          this.#write(() => host.writeEnding(id, output.ending));
          break;
        case 'signal':
          this.#signal(output.signal);
          break;
        case 'hunt':
          void this.#huntStrays(output.signal);
          break;
        case 'end':
          this.#life.end = output.end;
          this.#write(() => host.writeEnd(id, output.end));
          break;
      }
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const isLast = signal === 'SIGKILL';
    this.#life.hasKilled ||= isLast && this.#components.host.countGroup(this.note.id) > 0;
    const count = this.#components.host.signal(this.note.id, signal);
    if (this.#life.killedCount === 0) this.#life.killedCount = count;
  }

  async #huntStrays(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { host, node } = this.#components;
    // What is left counts when nobody can start more any longer.
    const isLast = this.#isDraining;
    this.#hunt ??= new StrayHunt(host.strays(this.note.id, node));
    const leftCount = await this.#hunt.look(signal);
    this.#life.hasKilled ||= this.#hunt.hasKilled;
    if (!isLast) return;
    this.#strayCount = leftCount;
    if (leftCount === 0) this.look();
  }

  /** What cannot be written down is known until the daemon ends, and found out again then. */
  #write(action: () => void): void {
    try {
      action();
    } catch (error) {
      const { message } = error as Error;
      this.#components.log.error('cannot write down a job', { id: this.note.id, reason: message });
    }
  }

  #keepWithin(): void {
    const { spoolBytes } = this.note;
    const grown = (channel: OutputChannel) =>
      growGap(this.#gaps[channel], this.#sizes[channel], spoolBytes);
    const [stdout, stderr] = [grown('stdout'), grown('stderr')];
    if (stdout === undefined && stderr === undefined) return;
    this.#cut({ stdout: stdout ?? this.#gaps.stdout, stderr: stderr ?? this.#gaps.stderr });
  }

  #cut(gaps: JobGaps): void {
    this.#write(() => {
      this.#components.host.cut(this.note.id, gaps);
      this.#gaps = gaps;
    });
  }

  /** Removes its output, and remembers the rest. */
  strip(): void {
    const { stdout, stderr } = this.#sizes;
    this.#cut({ stdout: { from: 0, to: stdout }, stderr: { from: 0, to: stderr } });
    this.#sizes = this.#components.host.sizes(this.note.id);
  }

  #sample(atMs: number): void {
    const { stdout, stderr } = this.#sizes;
    const added = this.samples.add({ atMs, stdout, stderr });
    if (added === undefined) return;
    const { isWhole } = added;
    const lines = isWhole ? this.samples.all : this.samples.all.slice(-1);
    this.#write(() => this.#components.host.writeSamples(this.note.id, lines, isWhole));
  }

  /** What comes next in a stream from `at` on, up to `end`; undefined when nothing does. */
  async read(channel: OutputChannel, at: number, end: number): Promise<ReadPiece | undefined> {
    const wanted = nextPiece(this.#gaps[channel], at, end, STREAM_CHUNK_BYTES);
    if (wanted?.kind !== 'kept') return wanted;
    const bytes = await this.#components.host.read(this.note.id, channel, at, wanted.length);
    // Meanwhile it may have been given up: then there are zeros.
    const piece = nextPiece(this.#gaps[channel], at, end, bytes.length);
    if (piece?.kind !== 'kept' || bytes.length === 0)
      return piece?.kind === 'kept' ? undefined : piece;
    return { kind: 'kept', to: at + piece.length, bytes: bytes.subarray(0, piece.length) };
  }

  /** Settles after the next look, or when `signal` is aborted. */
  changed(signal: AbortSignal): Promise<void> {
    return this.isOver ? Promise.resolve() : this.#changes.next(signal);
  }

  /** Settles when it has ended, or when `signal` is aborted. */
  async ended(signal: AbortSignal): Promise<void> {
    while (!this.isOver && !signal.aborted) await this.changed(signal);
  }
}
