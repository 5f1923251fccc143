/**
 * `exec.run`: one command on this node, its streams under credit, exactly one verdict.
 *
 * Streams of the exchange: 0 stdin (from the caller), 1 stdout, 2 stderr, 3 what of those two is
 * left out because only so much is wanted: it does not cross the tree. While the command is
 * silent the caller hears every few seconds that it still runs. Whatever ends it early (a timeout,
 * a caller that cancels or is gone) ends all of it: TERM, a grace, KILL (exec-ending.ts).
 */
import type { Answering } from '../endpoint/answering.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { Child, Spawner, SpawnRequest } from '../ports/spawner.ts';
import { Channel, type ExecResult, type ExecSpec, type TimeLimit } from '../protocol/exec.ts';
import { EXEC_ALIVE_MS, EXEC_COUNT_MAX, EXEC_GRACE_MS } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { OutputCap } from './exec-cap.ts';
import { ExecEnding } from './exec-ending.ts';
import { ExecInput } from './exec-input.ts';
import { type LaunchComponents, type NotStarted, prepareLaunch } from './exec-launch.ts';
import type { Recording } from './exec-recording.ts';
import type { ExecRuns } from './exec-runs.ts';
import { readSpec } from './exec-spec.ts';

export interface ExecComponents extends LaunchComponents {
  readonly spawner: Spawner;
  readonly clock: Clock;
  /** Where others than its caller find a command. */
  readonly runs: Pick<ExecRuns, 'isTaken' | 'open' | 'close'>;
  /** Names and addresses of this host. */
  hostNames(): readonly string[];
}

type Ending = 'timeout' | 'cancelled';

/** Who comes with the id of one that runs is somebody else, and not ended with it. */
function withOwnId({ job, ...spec }: ExecSpec, runs: ExecComponents['runs']): ExecSpec {
  return job === undefined || runs.isTaken(job) ? spec : { ...spec, job };
}

/** One command, from the moment at which it is asked for. */
class Execution {
  readonly #exchange: Answering;
  readonly #components: ExecComponents;
  readonly #spec: ExecSpec;
  /** What of its output is sent; undefined: all. */
  readonly #cap: OutputCap | undefined;
  /** What others see of it, if it has an id. */
  readonly #recording: Recording | undefined;
  /** Settles when all is written down. */
  recorded: Promise<void> = Promise.resolve();
  /** Whether its caller, or the file for its output, takes no more at the moment. */
  #isHeld = { byCaller: false, byFile: false };
  /** None until it is known how to start it. */
  #child: Child | undefined;
  #startedAtMs: number;
  readonly #stops: (() => void)[] = [];
  #ending: Ending | undefined;
  /** That, while it goes on. */
  #killing: ExecEnding | undefined;
  #isOver = false;
  /** Nobody takes its output any more. A command whose output is not taken cannot end. */
  #isUnread = false;
  /** Its caller did not get all of its output. */
  #isCut = false;
  /** Why it was ended, when its caller did not ask for it. */
  #reason: string | undefined;
  /** Which time was over. */
  #limit: TimeLimit | undefined;
  #settle: (result: ExecResult) => void = () => undefined;
  readonly result: Promise<ExecResult>;
  readonly #input: ExecInput;

  constructor(asked: ExecSpec, context: CallContext, components: ExecComponents) {
    const spec = withOwnId(asked, components.runs);
    const { outputBytesMax } = spec;
    this.#spec = spec;
    this.#cap = outputBytesMax === undefined ? undefined : new OutputCap(outputBytesMax);
    this.#exchange = context.exchange;
    this.#components = components;
    this.#startedAtMs = components.clock.monotonicMs();
    this.#recording = components.runs.open(spec, context.from, {
      cancel: (reason) => this.#cancelFor(reason),
      signal: (signal) => this.#child?.killGroup(signal) ?? false,
      onDrain: () => this.#hold('byFile', false),
    });
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    // What follows the request may be here already: it is taken from the first moment on.
    this.#input = new ExecInput(context.exchange, spec.hasStdin);
    context.exchange.onDrain = () => this.#hold('byCaller', false);
    context.signal.addEventListener('abort', () => this.#cancel());
    const launch = prepareLaunch(spec, components);
    if (launch instanceof Promise) {
      // Where accounts are far away it takes its time.
      context.exchange.progress({ state: 'accepted' });
      void launch.then((request) => this.#launch(request));
    } else {
      this.#launch(launch);
    }
  }

  #launch(request: SpawnRequest | NotStarted): void {
    if (this.#isOver) return;
    if ('reason' in request) return this.#end({ verdict: 'not-started', ...request });
    const { spawner, clock } = this.#components;
    this.#startedAtMs = clock.monotonicMs();
    const child = spawner.spawn(request, {
      onOutput: (name, bytes) => this.#write(name, bytes),
      onExit: (code, signal) => this.#finish(code, signal),
      onStdinDrain: () => this.#input.grant(),
      onStart: (pid) => this.#tellStart(pid),
      onNotStarted: (reason, code) => this.#failToStart(reason, code),
    });
    this.#child = child;
    this.#input.begin(child);
    const { timeoutMs, overallMs } = this.#spec;
    this.#limitTime('command', timeoutMs);
    this.#limitTime('overall', overallMs);
    this.#stops.push(
      clock.every(EXEC_ALIVE_MS, () => this.#exchange.progress({ state: 'running' })),
    );
  }

  #limitTime(limit: TimeLimit, ms: number | undefined): void {
    if (ms === undefined) return;
    const end = (): void => {
      if (this.#ending === undefined) this.#limit = limit;
      this.#terminate('timeout');
    };
    this.#stops.push(this.#components.clock.after(ms, end));
  }

  #tellStart(pid: number): void {
    const { tellsHost } = this.#spec;
    this.#recording?.started(pid);
    const host = tellsHost === true ? { host: this.#components.hostNames() } : {};
    this.#exchange.progress({ state: 'started', pid, ...host });
  }

  #failToStart(reason: string, code: number): void {
    if (this.#ending !== undefined) return this.#end({ verdict: this.#ending, ...this.#why() });
    this.#end({ verdict: 'not-started', reason, code });
  }

  #hold(by: 'byCaller' | 'byFile', isHeld: boolean): void {
    this.#isHeld[by] = isHeld;
    const { byCaller, byFile } = this.#isHeld;
    // One whose output nobody takes any more must be able to end.
    this.#child?.setPaused(!this.#isUnread && (byCaller || byFile));
  }

  #write(name: 'stdout' | 'stderr', bytes: Buffer): void {
    const channel = name === 'stdout' ? Channel.STDOUT : Channel.STDERR;
    if (this.#recording?.push(name, bytes) === false) this.#hold('byFile', true);
    if (this.#isUnread) return;
    const wanted = this.#cap === undefined ? bytes : this.#cap.push(channel, bytes);
    if (wanted.length === 0 || this.#exchange.write(channel, wanted)) return;
    this.#hold('byCaller', true);
  }

  /** What was held back of its output. */
  #writeTails(): void {
    if (this.#isUnread) return;
    for (const { omission, tail } of this.#cap?.end() ?? []) {
      if (omission !== undefined) {
        this.#isCut = true;
        this.#exchange.write(Channel.OMITTED, pack(omission));
      }
      this.#exchange.write(tail.channel, tail.bytes);
    }
  }

  #cancel(): void {
    this.#isUnread = true;
    this.#child?.setPaused(false);
    this.#terminate('cancelled');
  }

  /** Ends it for somebody else than its caller, who still hears of it. */
  #cancelFor(reason: string | undefined): void {
    if (this.#ending === undefined) this.#reason = reason ?? 'somebody else cancelled it';
    this.#terminate('cancelled');
  }

  #terminate(ending: Ending): void {
    // When it is over, its group is gone, or belongs to what was left in the background on purpose.
    if (this.#isOver || this.#ending !== undefined) return;
    this.#ending = ending;
    const child = this.#child;
    if (child === undefined) return this.#end({ verdict: ending, ...this.#why() });
    const { graceMs = EXEC_GRACE_MS } = this.#spec;
    const hasId = this.#recording !== undefined;
    const killing = new ExecEnding(child, this.#components.clock, { graceMs, hasId });
    this.#killing = killing;
    this.#stops.push(killing.stop);
  }

  #why(): Pick<ExecResult, 'reason' | 'limit'> {
    return {
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
    };
  }

  #finish(code: number | null, signal: string | null): void {
    this.#writeTails();
    const verdict = this.#ending;
    if (verdict !== undefined) {
      const how = code === null ? { signal: signal ?? '' } : { code };
      const why = this.#why();
      void this.#killing
        ?.finish()
        .then((counts) => this.#end({ verdict, ...how, ...counts, ...why }));
    } else if (code === null) {
      this.#end({ verdict: 'signaled', signal: signal ?? '' });
    } else {
      this.#end({ verdict: code === 0 ? 'ok' : 'failed', code });
    }
  }

  #end(result: Omit<ExecResult, 'ms'>): void {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    const ms = Math.round(this.#components.clock.monotonicMs() - this.#startedAtMs);
    const told = { ...result, ms };
    this.#settle(told);
    if (this.#recording === undefined) return;
    this.recorded = this.#components.runs.close(this.#recording, told, this.#isCut);
  }

  /** Ends it because the daemon ends. */
  abort(): void {
    if (this.#ending === undefined) this.#reason = 'the node was shut down';
    this.#cancel();
  }
}

export interface ExecService {
  readonly methods: Record<string, Method>;
  /** Ends all commands; settles when they are gone. */
  stop(): Promise<void>;
}

/** The exec service of a node. */
export function createExecService(components: ExecComponents): ExecService {
  const running = new Set<Execution>();
  const run = async (args: readonly unknown[], context: CallContext): Promise<ExecResult> => {
    const spec = readSpec(args[0]);
    if (running.size >= EXEC_COUNT_MAX) {
      const reason = `${EXEC_COUNT_MAX} commands run already, which is the most`;
      return { verdict: 'not-started', reason, ms: 0 };
    }
    const execution = new Execution(spec, context, components);
    running.add(execution);
    try {
      return await execution.result;
    } finally {
      running.delete(execution);
    }
  };
  return {
    methods: {
      'exec.run': {
        doc: 'Runs {argv, timeoutMs?, hasStdin?, ...}, streams its output, returns its verdict.',
        args: ['spec'],
        run,
      },
    },
    async stop(): Promise<void> {
      const all = [...running];
      for (const execution of all) execution.abort();
      await Promise.all(all.map((execution) => execution.result));
      await Promise.all(all.map((execution) => execution.recorded));
    },
  };
}
