/**
 * What a command has written while its caller waits for it, for others: who attaches to it reads
 * what is recent, and then what comes. Where its caller takes only so much of its output, the rest
 * goes into files, as that of a job, once it is more than is kept in memory. So a command that says
 * little costs no file.
 */
import { cutTail, Tail } from '../base/head-tail.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  JobEnd,
  JobGap,
  JobGaps,
  JobHost,
  JobNote,
  KeptJob,
  OutputSpool,
} from '../ports/job-host.ts';
import type { Logger } from '../ports/logger.ts';
import type { OutputChannel } from '../ports/spawner.ts';
import type { ExecResult } from '../protocol/exec.ts';
import type { JobRecord } from '../protocol/job.ts';
import { EXEC_RECENT_BYTES, STREAM_CHUNK_BYTES } from '../protocol/limits.ts';
import { Changes } from './changes.ts';
import { recordOf } from './job.ts';
import { NO_GAP, nextPiece } from './job-gaps.ts';
import type { OutputSource, ReadPiece } from './job-output.ts';
import { JobSamples } from './job-samples.ts';

export interface RecordingComponents {
  readonly host: JobHost;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name of the node. */
  readonly node: string;
  /** Whether there is room for one more that keeps its output. */
  hasRoom(): boolean;
}

/** The command itself, for others than its caller. */
export interface RecordedCommand {
  cancel(reason: string | undefined): void;
  signal(signal: NodeJS.Signals): boolean;
  /** It may go on: what it has written is in its files. */
  onDrain(): void;
}

class RecordedStream {
  /** With one byte more, which may end the line before them. */
  readonly recent = new Tail(EXEC_RECENT_BYTES + 1);
  /** Those of them that are in its file, or on their way there. */
  spooledBytes = 0;

  /** What is neither in the file nor in memory any more; it goes on with a line, if it can. */
  get gap(): JobGap {
    const { spooledBytes, recent } = this;
    const from = spooledBytes;
    if (recent.from <= from) return { from, to: from };
    return { from, to: recent.from + cutTail(recent.kept, EXEC_RECENT_BYTES) };
  }
}

const NAMES = ['stdout', 'stderr'] as const;
/** Of one in memory, without what it was told and has said; and of each sample. */
const BASE_BYTES = 2_048;
const SAMPLE_BYTES = 64;

export class Recording implements OutputSource {
  readonly note: JobNote;
  readonly #components: RecordingComponents;
  /** Undefined when it has ended. */
  #command: RecordedCommand | undefined;
  /** What of each stream may be in memory only; undefined: nothing is spooled. */
  readonly #spoolFrom: number | undefined;
  readonly #streams = { stdout: new RecordedStream(), stderr: new RecordedStream() };
  readonly #changes = new Changes();
  readonly samples = new JobSamples();
  #spool: OutputSpool | undefined;
  #isRefused = false;
  #pid: number | null = null;
  #startedAtMs: number | null = null;
  #end: JobEnd | undefined;
  followerCount = 0;

  /** `capBytes` are the bytes of each stream that its caller takes; undefined: all. */
  constructor(
    note: JobNote,
    command: RecordedCommand,
    capBytes: number | undefined,
    components: RecordingComponents,
  ) {
    this.note = note;
    this.#command = command;
    this.#components = components;
    if (capBytes !== undefined) this.#spoolFrom = Math.min(capBytes, EXEC_RECENT_BYTES);
  }

  started(pid: number): void {
    this.#pid = pid;
    this.#startedAtMs = this.#components.clock.wallMs();
    this.#changes.tell();
  }

  /** Takes what was written. False: wait for `onDrain` before there is more. */
  push(channel: OutputChannel, bytes: Buffer): boolean {
    const stream = this.#streams[channel];
    if (stream.recent.bytes + bytes.length > (this.#spoolFrom ?? Number.POSITIVE_INFINITY)) {
      this.#openSpool();
    }
    stream.recent.push(bytes);
    const { stdout, stderr } = this.sizes;
    this.samples.add({ atMs: this.#components.clock.wallMs(), stdout, stderr });
    this.#changes.tell();
    return this.#write(channel, bytes);
  }

  /** Whatever there is so far is in memory, and goes first. */
  #openSpool(): void {
    if (this.#spool !== undefined || this.#isRefused) return;
    const { host, hasRoom } = this.#components;
    if (!hasRoom()) return this.#giveUp('the node has no room for it');
    try {
      this.#spool = host.openSpool(this.note, {
        onDrain: () => this.#command?.onDrain(),
        onWritten: () => this.#changes.tell(),
        onError: (reason) => this.#giveUp(reason),
      });
    } catch (error) {
      return this.#giveUp((error as Error).message);
    }
    for (const name of NAMES) this.#write(name, this.#streams[name].recent.kept);
  }

  #write(channel: OutputChannel, bytes: Buffer): boolean {
    const stream = this.#streams[channel];
    const wanted = bytes.subarray(0, this.note.spoolBytes - stream.spooledBytes);
    if (this.#spool === undefined || wanted.length === 0) return true;
    stream.spooledBytes += wanted.length;
    return this.#spool.write(channel, wanted);
  }

  /** It goes on without a file. */
  #giveUp(reason: string): void {
    this.#components.log.error('the output of a command is not kept', {
      ...{ id: this.note.id, reason },
    });
    this.#isRefused = true;
    this.#removeSpool();
  }

  /** What is in memory is all that there is. */
  #removeSpool(): void {
    if (this.#spool === undefined) return;
    this.#spool = undefined;
    for (const name of NAMES) this.#streams[name].spooledBytes = 0;
    this.#components.host.remove(this.note.id);
    this.#command?.onDrain();
  }

  /**
   * It has ended. `isCut`: its caller did not get all of its output. Settles with what is kept of
   * it in files, undefined when that is nothing.
   */
  async end(result: ExecResult, isCut: boolean): Promise<KeptJob | undefined> {
    const { clock } = this.#components;
    const { note } = this;
    const ids = { pid: this.#pid, startedAtMs: this.#startedAtMs };
    const end = { result, ...ids, endedAtMs: clock.wallMs() };
    const isKept = isCut || this.followerCount > 0;
    const { gaps } = this;
    if (this.#spool !== undefined && isKept) await this.#closeSpool(end, gaps);
    else this.#removeSpool();
    this.#end = end;
    this.#command = undefined;
    this.#changes.tell();
    const { all } = this.samples;
    return this.#spool !== undefined
      ? { note, end, ending: undefined, gaps, samples: all }
      : undefined;
  }

  async #closeSpool(end: JobEnd, gaps: JobGaps): Promise<void> {
    const { id } = this.note;
    const { host } = this.#components;
    const last = (name: OutputChannel) => {
      const { recent } = this.#streams[name];
      const at = gaps[name].to;
      return { at, bytes: recent.kept.subarray(at - recent.from) };
    };
    try {
      await this.#spool?.close({ stdout: last('stdout'), stderr: last('stderr') });
      host.writeGaps(id, gaps);
      host.writeSamples(id, this.samples.all, true);
      host.writeEnd(id, end);
    } catch (error) {
      this.#giveUp((error as Error).message);
    }
  }

  /** What it takes of memory when it has ended, roughly. */
  get memoryBytes(): number {
    const output = NAMES.reduce((sum, name) => sum + this.#streams[name].recent.kept.length, 0);
    return output + this.note.command.length + this.samples.all.length * SAMPLE_BYTES + BASE_BYTES;
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  get sizes(): Readonly<Record<OutputChannel, number>> {
    const { stdout, stderr } = this.#streams;
    return { stdout: stdout.recent.bytes, stderr: stderr.recent.bytes };
  }

  get gaps(): JobGaps {
    const { stdout, stderr } = this.#streams;
    return { stdout: stdout.gap, stderr: stderr.gap };
  }

  /** What is told of it. */
  get record(): JobRecord {
    const life = { note: this.note, pid: this.#pid, startedAtMs: this.#startedAtMs };
    return recordOf({ ...life, end: this.#end }, this, this.#components.node);
  }

  async read(channel: OutputChannel, at: number, end: number): Promise<ReadPiece | undefined> {
    const stream = this.#streams[channel];
    const { recent } = stream;
    // Who has come so far misses nothing.
    const gap = at < recent.from ? stream.gap : NO_GAP;
    const piece = nextPiece(gap, at, end, STREAM_CHUNK_BYTES);
    if (piece?.kind !== 'kept') return piece;
    if (at >= recent.from) {
      const place = at - recent.from;
      const bytes = recent.kept.subarray(place, place + piece.length);
      return { kind: 'kept', to: at + bytes.length, bytes };
    }
    // What is on its way into the file comes with the next change.
    const writtenBytes = this.#spool?.written(channel) ?? 0;
    if (at >= writtenBytes) return undefined;
    const length = Math.min(piece.length, writtenBytes - at);
    const reading = this.#components.host.read(this.note.id, channel, at, length);
    // A file that had to be given up meanwhile: the next look says how much is missing.
    const bytes = await reading.catch(() => Buffer.alloc(0));
    return bytes.length === 0 ? undefined : { kind: 'kept', to: at + bytes.length, bytes };
  }

  cancel(reason: string | undefined): void {
    this.#command?.cancel(reason);
  }

  signal(signal: NodeJS.Signals): boolean {
    return !this.isOver && this.#command?.signal(signal) === true;
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.isOver ? Promise.resolve() : this.#changes.next(signal);
  }

  /** Settles when it has ended, or when `signal` is aborted. */
  async ended(signal: AbortSignal): Promise<void> {
    while (!this.isOver && !signal.aborted) await this.changed(signal);
  }
}
