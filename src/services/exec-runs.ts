/** The commands of a node whose callers wait for them, as jobs are asked for: by their ids. */
import type { KeptJob } from '../ports/job-host.ts';
import type { ExecResult, ExecSpec } from '../protocol/exec.ts';
import { isJobId } from '../protocol/job.ts';
import { EndedRuns } from './exec-ended.ts';
import { type RecordedCommand, Recording, type RecordingComponents } from './exec-recording.ts';
import { noteOf } from './job-args.ts';

export interface RunsComponents extends RecordingComponents {
  /** Looks after what is kept of one that has ended. */
  keep(job: KeptJob): void;
  /** Whether something else has this id: a job, or what is kept of a command. */
  hasJob(id: string): boolean;
}

export class ExecRuns {
  readonly #components: RunsComponents;
  readonly #running = new Map<string, Recording>();
  readonly #ended = new EndedRuns();

  constructor(components: RunsComponents) {
    this.#components = components;
  }

  /** A command is asked for; undefined when its caller has given it no id of a job. */
  open(spec: ExecSpec, from: string, command: RecordedCommand): Recording | undefined {
    const { job, outputBytesMax } = spec;
    if (!isJobId(job) || this.isTaken(job)) return undefined;
    const { clock, host } = this.#components;
    const wish = { id: job, from, boot: host.boot, nowMs: clock.wallMs() };
    const note = { ...noteOf(spec, wish), isExec: true as const };
    const recording = new Recording(note, command, outputBytesMax, this.#components);
    this.#ended.remove(job);
    this.#running.set(job, recording);
    return recording;
  }

  /** One run has each node once: who comes with the id of one that runs is somebody else. */
  isTaken(id: string): boolean {
    return this.#running.has(id) || this.#components.hasJob(id);
  }

  /** It has ended. `isCut`: its caller did not get all of its output. */
  async close(recording: Recording, result: ExecResult, isCut: boolean): Promise<void> {
    const kept = await recording.end(result, isCut);
    this.#running.delete(recording.note.id);
    if (kept !== undefined) this.#components.keep(kept);
    else this.#ended.add(recording, this.#components.clock.monotonicMs());
  }

  /** Forgets one that has ended. */
  remove(id: string): void {
    this.#ended.remove(id);
  }

  /** Forgets those that ended long ago. */
  expire(): void {
    this.#ended.expire(this.#components.clock.monotonicMs());
  }

  /** One that runs, or has ended lately. */
  find(id: string): Recording | undefined {
    return this.#running.get(id) ?? this.#ended.find(id);
  }

  get all(): readonly Recording[] {
    return [...this.#running.values(), ...this.#ended.all];
  }
}
