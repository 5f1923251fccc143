/** The commands of a node whose callers wait for them, as jobs are asked for: by their ids. */
import type { KeptJob } from '../ports/job-host.ts';
import type { ExecResult, ExecSpec } from '../protocol/exec.ts';
import { isJobId } from '../protocol/job.ts';
import { type RecordedCommand, Recording, type RecordingComponents } from './exec-recording.ts';
import { noteOf } from './job-args.ts';

export interface RunsComponents extends RecordingComponents {
  /** Looks after what is kept of one that has ended. */
  keep(job: KeptJob): void;
}

export class ExecRuns {
  readonly #components: RunsComponents;
  readonly #running = new Map<string, Recording>();

  constructor(components: RunsComponents) {
    this.#components = components;
  }

  /** A command is asked for; undefined when its caller has given it no id of a job. */
  open(spec: ExecSpec, from: string, command: RecordedCommand): Recording | undefined {
    const { job, outputBytesMax } = spec;
    // One run has each node once: who comes again with its id is somebody else.
    if (!isJobId(job) || this.#running.has(job)) return undefined;
    const { clock, host } = this.#components;
    const wish = { id: job, from, boot: host.boot, nowMs: clock.wallMs() };
    const note = { ...noteOf(spec, wish), isExec: true as const };
    const recording = new Recording(note, command, outputBytesMax, this.#components);
    this.#running.set(job, recording);
    return recording;
  }

  /** It has ended. `isCut`: its caller did not get all of its output. */
  async close(recording: Recording, result: ExecResult, isCut: boolean): Promise<void> {
    const kept = await recording.end(result, isCut);
    this.#running.delete(recording.note.id);
    if (kept !== undefined) this.#components.keep(kept);
  }

  find(id: string): Recording | undefined {
    return this.#running.get(id);
  }

  get all(): Iterable<Recording> {
    return this.#running.values();
  }
}
