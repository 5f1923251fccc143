/**
 * `exec.run`: one command on this node, its streams under credit, exactly one verdict.
 *
 * Streams of the exchange: 0 stdin (from the caller), 1 stdout, 2 stderr. While the command is
 * silent the caller hears every few seconds that it still runs. Whatever ends it early (a timeout,
 * a caller that cancels or is gone) ends its whole process group: TERM, a grace, KILL.
 */
import type { Answering } from '../endpoint/answering.ts';
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { Child, Spawner } from '../ports/spawner.ts';
import { DagentError } from '../protocol/errors.ts';
import { Channel, type ExecResult, type ExecSpec, isTextList } from '../protocol/exec.ts';
import {
  EXEC_ALIVE_MS,
  EXEC_ARGV_BYTES_MAX,
  EXEC_COUNT_MAX,
  EXEC_GRACE_MS,
} from '../protocol/limits.ts';

export interface ExecComponents {
  readonly spawner: Spawner;
  readonly clock: Clock;
  /** Environment and directory that commands get. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Names and addresses of this host. */
  hostNames(): readonly string[];
}

type Ending = 'timeout' | 'cancelled';

/** The command in the arguments of a call. Throws E_ARGUMENT_INVALID. */
function readSpec(value: unknown): ExecSpec {
  const fail = (reason: string): never => {
    throw new DagentError('E_ARGUMENT_INVALID', { method: 'exec.run', reason });
  };
  const { argv, timeoutMs, hasStdin, tellsHost } = (value ?? {}) as Record<keyof ExecSpec, unknown>;
  if (!isTextList(argv) || argv.length === 0 || argv[0] === '') return fail('argv is empty');
  if (argv.some((each) => each.includes('\0'))) return fail('argv has a zero byte');
  const bytes = argv.reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0);
  if (bytes > EXEC_ARGV_BYTES_MAX) {
    return fail(`argv has ${bytes} bytes; at most ${EXEC_ARGV_BYTES_MAX} are allowed`);
  }
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) {
    return fail('timeoutMs is not a positive number');
  }
  const limit = typeof timeoutMs === 'number' ? { timeoutMs } : {};
  return { argv, ...limit, hasStdin: hasStdin === true, tellsHost: tellsHost === true };
}

/** One command that runs. */
class Execution {
  readonly #exchange: Answering;
  readonly #clock: Clock;
  readonly #child: Child;
  readonly #startedAtMs: number;
  readonly #stops: (() => void)[] = [];
  #ending: Ending | undefined;
  #isOver = false;
  /** Nobody takes its output any more. A command whose output is not taken cannot end. */
  #isUnread = false;
  /** Why it was ended, when its caller did not ask for it. */
  #reason: string | undefined;
  #settle: (result: ExecResult) => void = () => undefined;
  readonly result: Promise<ExecResult>;
  /** Bytes of stdin that the command has not taken yet, to be granted when it has. */
  #stdinBytes = 0;

  constructor(spec: ExecSpec, context: CallContext, components: ExecComponents) {
    const { spawner, clock, env, cwd } = components;
    this.#exchange = context.exchange;
    this.#clock = clock;
    this.#startedAtMs = clock.monotonicMs();
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const request = { argv: spec.argv, env, cwd };
    this.#child = spawner.spawn(request, {
      onOutput: (name, bytes) =>
        this.#write(name === 'stdout' ? Channel.STDOUT : Channel.STDERR, bytes),
      onExit: (code, signal) => this.#finish(code, signal),
      onStdinDrain: () => this.#grantStdin(),
      onNotStarted: (reason, code) => this.#end({ verdict: 'not-started', reason, code }),
    });
    this.#connectStreams(spec);
    this.#tellStart(spec.tellsHost === true ? { host: components.hostNames() } : {});
    if (spec.timeoutMs !== undefined) {
      this.#stops.push(clock.after(spec.timeoutMs, () => this.#terminate('timeout')));
    }
    this.#stops.push(
      clock.every(EXEC_ALIVE_MS, () => this.#exchange.progress({ state: 'running' })),
    );
    context.signal.addEventListener('abort', () => this.#cancel());
  }

  #connectStreams(spec: ExecSpec): void {
    const exchange = this.#exchange;
    exchange.onDrain = () => this.#child.setPaused(false);
    exchange.onData = (channel, bytes) => {
      if (channel !== Channel.STDIN) return exchange.grant(bytes.length);
      this.#stdinBytes += bytes.length;
      if (this.#child.writeStdin(bytes)) this.#grantStdin();
    };
    exchange.onEnd = (channel) => {
      if (channel === Channel.STDIN) this.#child.endStdin();
    };
    if (!spec.hasStdin) this.#child.endStdin();
  }

  #tellStart(more: object): void {
    const { pid } = this.#child;
    if (pid !== 0) this.#exchange.progress({ state: 'started', pid, ...more });
  }

  #grantStdin(): void {
    this.#exchange.grant(this.#stdinBytes);
    this.#stdinBytes = 0;
  }

  #write(channel: number, bytes: Buffer): void {
    if (this.#isUnread) return;
    if (!this.#exchange.write(channel, bytes)) this.#child.setPaused(true);
  }

  #cancel(): void {
    this.#isUnread = true;
    this.#child.setPaused(false);
    this.#terminate('cancelled');
  }

  #terminate(ending: Ending): void {
    // When it is over, its group is gone, or belongs to what was left in the background on purpose.
    if (this.#isOver || this.#ending !== undefined) return;
    this.#ending = ending;
    this.#child.killGroup('SIGTERM');
    this.#stops.push(this.#clock.after(EXEC_GRACE_MS, () => this.#child.killGroup('SIGKILL')));
  }

  #finish(code: number | null, signal: string | null): void {
    // What is left of the group after its leader ended in answer to TERM.
    if (this.#ending !== undefined) this.#child.killGroup('SIGKILL');
    if (this.#ending !== undefined) {
      this.#end({
        verdict: this.#ending,
        ...(code === null ? { signal: signal ?? '' } : { code }),
        ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      });
    } else if (code === null) {
      this.#end({ verdict: 'signaled', signal: signal ?? '' });
    } else {
      this.#end({ verdict: code === 0 ? 'ok' : 'failed', code });
    }
  }

  #end(result: Omit<ExecResult, 'ms'>): void {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    const ms = Math.round(this.#clock.monotonicMs() - this.#startedAtMs);
    this.#settle({ ...result, ms });
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
        doc: 'Runs {argv, timeoutMs?, hasStdin?}, streams its output, returns its verdict.',
        args: ['spec'],
        run,
      },
    },
    async stop(): Promise<void> {
      const all = [...running];
      for (const execution of all) execution.abort();
      await Promise.all(all.map((execution) => execution.result));
    },
  };
}
