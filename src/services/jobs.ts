/**
 * The jobs of a node: `job.*`. A job is written down before it starts, runs without the daemon, and
 * is found again by the next one (job-step.ts).
 */
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { JobNote } from '../ports/job-host.ts';
import { DagentError } from '../protocol/errors.ts';
import type { ExecSpec } from '../protocol/exec.ts';
import { JOB_LIST_CHANNEL, type JobRecord } from '../protocol/job.ts';
import {
  JOB_FOLLOW_MS,
  JOB_LOOK_MS,
  JOB_NODE_SPOOL_BYTES_MAX,
  JOB_RUNNING_MAX,
} from '../protocol/limits.ts';
import { type LaunchComponents, prepareLaunch } from './exec-launch.ts';
import type { Recording } from './exec-recording.ts';
import { ExecRuns } from './exec-runs.ts';
import { Job, type JobComponents } from './job.ts';
import { readId, readListWish, readOutputWish, readSignal, readStart } from './job-args.ts';
import { streamOutput } from './job-output.ts';
import { planRoom } from './job-room.ts';
import { sendLines } from './line-stream.ts';

export interface JobsComponents extends JobComponents, LaunchComponents {
  /** Names and addresses of this host. */
  hostNames(): readonly string[];
}

/** Time between two looks at what is to be removed. */
const SWEEP_MS = 30_000;
/** How long the answer to a start waits for what can go wrong at once. */
const BEGIN_MS = 2_000;

export class Jobs {
  readonly #components: JobsComponents;
  readonly #jobs = new Map<string, Job>();
  /** Those that are being written down, by id: who asks for one again waits for it. */
  readonly #starting = new Map<string, Promise<Job>>();
  /** Commands that somebody waits for. */
  readonly runs: ExecRuns;
  readonly #stops: (() => void)[] = [];
  #stopLooking: (() => void) | undefined;
  #ticks = 0;
  readonly methods: Record<string, Method>;

  constructor(components: JobsComponents) {
    this.#components = components;
    this.runs = new ExecRuns({
      ...components,
      hasRoom: () => this.#makeRoom(1 + this.#starting.size),
      hasJob: (id) => this.#jobs.has(id) || this.#starting.has(id),
      keep: (kept) => this.#jobs.set(kept.note.id, new Job(kept, components)),
    });
    this.methods = {
      'job.start': {
        doc: 'Runs {argv, ...} apart; the same {id} or {key}, with {owner, spoolBytes}, runs once.',
        args: ['spec', 'wish'],
        run: (args, context) => this.#start(args, context),
      },
      'job.list': {
        doc: 'Streams the jobs of this node as lines of JSON, all or those of {id, state}.',
        args: ['filter?'],
        run: ([filter], context) => this.#list(filter, context),
      },
      'job.show': {
        doc: 'Tells one job, with all of its command.',
        args: ['id'],
        run: ([id]) => {
          const job = this.#find(id, 'show');
          return { ...job.record, command: job.note.command };
        },
      },
      'job.output': {
        doc: 'Streams what a job wrote: {isFollowing} to its end, {lastMs} in the last time.',
        args: ['id', 'wish?'],
        run: ([id, wish], context) => this.#stream(id, wish, context),
      },
      'job.wait': {
        doc: 'Returns a job when it has ended.',
        args: ['id'],
        run: ([id], { signal }) => this.#ended(this.#find(id, 'wait'), signal),
      },
      'job.cancel': {
        doc: 'Ends a job: TERM to its process group, KILL after its grace; returns how it ended.',
        args: ['id', 'reason?'],
        run: ([id, reason], { signal }) => {
          const job = this.#find(id, 'cancel');
          job.cancel(typeof reason === 'string' ? reason.slice(0, 500) : undefined);
          return this.#ended(job, signal);
        },
      },
      'job.signal': {
        doc: 'Sends a signal to the process group of a job, by its name: SIGHUP.',
        args: ['id', 'signal'],
        run: ([id, signal]) => this.#signal(id, signal),
      },
      'job.remove': {
        doc: 'Forgets a job that has ended, with its output; one with a key stays, without it.',
        args: ['id'],
        run: ([id]) => this.#remove(id),
      },
    };
  }

  /** Finds the jobs of former runs of the daemon again. */
  start(): void {
    const { host, log, clock } = this.#components;
    const onBroken = (path: string, reason: string): void =>
      log.error('a job is broken and left alone', { path, reason });
    for (const kept of host.load(onBroken)) {
      const job = new Job(kept, this.#components);
      this.#jobs.set(kept.note.id, job);
      if (job.isOver) continue;
      if (kept.note.isExec === true) job.lose('its daemon ended while it ran');
      else job.look();
    }
    this.#makeRoom(0);
    const sweep = (): void => {
      this.#makeRoom(0);
      this.runs.expire();
    };
    this.#stops.push(clock.every(SWEEP_MS, sweep));
    this.#watch();
  }

  /** Looks no more. What runs goes on. */
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  get #running(): Job[] {
    return [...this.#jobs.values()].filter((job) => !job.isOver);
  }

  /** Jobs that are not over. */
  get runningCount(): number {
    return this.#running.length;
  }

  /** Those that are over and not forgotten yet. */
  get keptCount(): number {
    return this.#jobs.size - this.runningCount;
  }

  /** Looks as long as something runs. */
  #watch(): void {
    if (this.#stopLooking !== undefined || this.#running.length === 0) return;
    this.#stopLooking = this.#components.clock.every(JOB_FOLLOW_MS, () => this.#look());
  }

  #look(): void {
    this.#ticks += 1;
    const isDue = this.#ticks % (JOB_LOOK_MS / JOB_FOLLOW_MS) === 0;
    const running = this.#running;
    for (const job of running) {
      if (isDue || job.followerCount > 0 || job.isDraining || !job.hasBegun) job.look();
    }
    const usedBytes = running.reduce((sum, { sizes }) => sum + sizes.diskBytes, 0);
    if (usedBytes > JOB_NODE_SPOOL_BYTES_MAX) this.#makeRoom(0);
    if (running.length > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  /** Whether there is room for `spare` more, once what may go is gone. */
  #makeRoom(spare: number): boolean {
    const { clock, host } = this.#components;
    const all = [...this.#jobs.values()].map(({ occupant }) => occupant);
    const plan = planRoom(all, clock.wallMs(), spare);
    for (const id of plan.forget) {
      host.remove(id);
      this.#jobs.delete(id);
    }
    for (const id of plan.strip) this.#jobs.get(id)?.strip();
    if (plan.cancel !== undefined) {
      const reason = `the jobs of a node may keep ${JOB_NODE_SPOOL_BYTES_MAX} bytes of output`;
      this.#jobs.get(plan.cancel)?.cancel(`${reason}, and this one had the most`);
    }
    return !plan.isFull;
  }

  /** Throws E_JOB_UNKNOWN, E_ARGUMENT_INVALID. */
  #find(value: unknown, method: string): Job | Recording {
    const id = readId(value, method);
    const job = this.runs.find(id) ?? this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new DagentError('E_JOB_UNKNOWN', { id, node: this.#components.node });
  }

  async #ended(job: Job | Recording, signal: AbortSignal): Promise<JobRecord> {
    await job.ended(signal);
    return job.record;
  }

  async #start(args: readonly unknown[], { from, signal }: CallContext): Promise<JobRecord> {
    const { clock, host } = this.#components;
    const { spec, note } = readStart(args, { from, nowMs: clock.wallMs(), boot: host.boot });
    const starting = this.#starting.get(note.id);
    const known = starting === undefined ? this.#jobs.get(note.id) : await starting;
    if (known !== undefined && known.note.hash !== note.hash) {
      throw new DagentError('E_JOB_TAKEN', { id: note.id, command: known.record.command });
    }
    const job = known ?? (await this.#begin(spec, note));
    await this.#begun(job, signal);
    return job.record;
  }

  /** Throws E_JOB_REFUSED: nothing is written down then. */
  #begin(spec: ExecSpec, note: JobNote): Promise<Job> {
    this.#checkRoom();
    const starting = this.#create(spec, note).finally(() => this.#starting.delete(note.id));
    this.#starting.set(note.id, starting);
    return starting;
  }

  /** Throws E_JOB_REFUSED. */
  #checkRoom(): void {
    const count = this.#running.length + this.#starting.size;
    const isFull = !this.#makeRoom(1 + this.#starting.size);
    if (count < JOB_RUNNING_MAX && !isFull) return;
    const reason =
      count < JOB_RUNNING_MAX
        ? 'the node has no room for the output of another job'
        : `${JOB_RUNNING_MAX} jobs run already, which is the most`;
    throw new DagentError('E_JOB_REFUSED', { node: this.#components.node, reason });
  }

  async #create(spec: ExecSpec, note: JobNote): Promise<Job> {
    // The account first: what waits between the note and the start may be cut off there.
    const request = await prepareLaunch(spec, this.#components);
    await this.#components.host.create(note);
    const kept = { note, ending: undefined, end: undefined, gaps: undefined, samples: [] };
    const job = new Job(kept, this.#components);
    this.#jobs.set(note.id, job);
    if ('reason' in request) job.refuse(request.reason, request.code);
    else job.launch(request);
    this.#watch();
    return job;
  }

  /** Settles when a job runs, or has ended, or takes its time. */
  async #begun(job: Job, signal: AbortSignal): Promise<void> {
    const abort = new AbortController();
    const stop = this.#components.clock.after(BEGIN_MS, () => abort.abort());
    const both = AbortSignal.any([signal, abort.signal]);
    while (!job.hasBegun && !job.isOver && !both.aborted) await job.changed(both);
    stop();
  }

  async #list(filter: unknown, context: CallContext): Promise<{ count: number }> {
    const { id, state } = readListWish(filter);
    const lines = [...this.#jobs.values(), ...this.runs.all]
      .filter(({ note }) => (id ?? note.id) === note.id)
      .map(({ record }) => record)
      .filter((record) => (state ?? record.state) === record.state)
      .map((record) => `${JSON.stringify(record)}\n`);
    return { count: await sendLines(lines, JOB_LIST_CHANNEL, context) };
  }

  async #stream(id: unknown, wish: unknown, context: CallContext): Promise<JobRecord> {
    const job = this.#find(id, 'output');
    const read = readOutputWish(wish, this.#components.clock.wallMs());
    await streamOutput(job, read, context, this.#components);
    return job.record;
  }

  #signal(id: unknown, name: unknown): { readonly isSent: boolean } {
    const job = this.#find(id, 'signal');
    return { isSent: job.signal(readSignal(name)) };
  }

  #remove(id: unknown): { readonly isKept: boolean } {
    const job = this.#find(id, 'remove');
    const { note } = job;
    if (!job.isOver) throw new DagentError('E_JOB_RUNS', { id: note.id });
    if (!(job instanceof Job)) {
      this.runs.remove(note.id);
    } else if (note.isKeyed) {
      job.strip();
    } else {
      this.#components.host.remove(note.id);
      this.#jobs.delete(note.id);
    }
    return { isKept: note.isKeyed };
  }
}
