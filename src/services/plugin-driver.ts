/**
 * Drives the supervision of one plugin with a process, a clock, and a place among the programs of
 * its node: feeds it what happens, carries out what it says.
 */
import { assertNever } from '../base/assert.ts';
import { CallServer } from '../endpoint/call-server.ts';
import type { ServiceHandlers } from '../endpoint/endpoint.ts';
import type { Incoming } from '../endpoint/incoming.ts';
import type { Methods } from '../endpoint/methods.ts';
import type { PluginHello } from '../plugins/hello.ts';
import type { PluginInput, PluginOutput } from '../plugins/io.ts';
import type { PluginFlag } from '../plugins/lines.ts';
import { step } from '../plugins/plugin.ts';
import { createPlugin, nextId, type Plugin } from '../plugins/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { MeasureMemory } from '../ports/plugin-directory.ts';
import type { Child, Spawner } from '../ports/spawner.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { formatFlagKey } from '../protocol/flag.ts';
import { PLUGIN_SAMPLE_MS } from '../protocol/limits.ts';
import type { FlagInput } from './flag-state.ts';
import { PluginAskers } from './plugin-askers.ts';
import { toEventLine, toMessageLine } from './plugin-messages.ts';
import { Wakeup } from './wakeup.ts';

/** A program among those of the node, without a process of its own. */
export interface LocalProgram {
  /** Takes a name. Throws E_SERVICE_TAKEN and others. */
  register(service: string, handlers: ServiceHandlers): Promise<void>;
  unregister(service: string): void;
  /** Asks for events. Throws E_TOO_MANY_TOPICS and others. */
  subscribe(pattern: string): Promise<void>;
  /** It is gone: who waits for it hears so. */
  close(): void;
}

export interface PluginComponents {
  readonly node: string;
  readonly version: string;
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly measureMemory: MeasureMemory;
  /** Raises or lowers a flag. Throws E_TOO_MANY_FLAGS, E_CANNOT_WRITE. */
  say(input: FlagInput): Promise<unknown>;
  openProgram(onEvent: (event: Incoming) => void): LocalProgram;
}

export interface PluginOptions {
  readonly file: string;
  readonly path: string;
  readonly seed: number;
  /** Why a hello cannot be taken, if so: others have its names. */
  objectTo(hello: PluginHello): string | undefined;
  /** Its methods, or whether it is there, may be others now. */
  onChange(): void;
}

/** What a shell ends with when there is no such program. */
const NOT_FOUND = 127;
/** The file is there, or it would not be started. */
const NO_INTERPRETER = 'the interpreter that its first line names is not there';

export class PluginDriver {
  readonly options: PluginOptions;
  readonly state: Plugin;
  /** Settles when it was stopped and is gone. */
  readonly ended: Promise<void>;
  /** Services and topics that it was not given. */
  readonly missing: Record<string, ErrorData> = {};
  readonly #components: PluginComponents;
  readonly #inbox: PluginInput[] = [];
  readonly #askers: PluginAskers;
  /** Its methods, for those who call them at one of its services. */
  readonly #calls: CallServer;
  #child: Child | undefined;
  #program: LocalProgram | undefined;
  #isStepping = false;
  readonly #wakeup: Wakeup;
  #stopSampling: (() => void) | undefined;
  #onEnded: () => void = () => undefined;
  #waiting: (() => void)[] = [];

  constructor(components: PluginComponents, options: PluginOptions) {
    this.#components = components;
    this.options = options;
    const { node, version, clock, log } = components;
    const { file, seed } = options;
    this.#wakeup = new Wakeup(clock, () => this.feed({ kind: 'tick' }));
    this.state = createPlugin({ node, version, file, seed }, clock.monotonicMs());
    this.#calls = new CallServer({}, { node, timer: clock });
    this.#askers = new PluginAskers({
      node,
      nextId: () => nextId(this.state),
      feed: (input) => this.feed(input),
      onLost: (reason) =>
        log.warn('progress of a plugin is not passed on', { plugin: file, reason }),
    });
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
  }

  /** The methods that it brings along, whether it runs or not. */
  get methods(): Methods {
    return this.#askers.methodsOf(this.state.hello?.methods ?? []);
  }

  /** Settles when it runs, or it is clear that it does not for now. */
  settled(): Promise<void> {
    const { phase } = this.state;
    if (phase !== 'starting' && phase !== 'stopping') return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Feeds one input; what it causes is done when this returns, unless called from within. */
  feed(input: PluginInput): void {
    this.#inbox.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    const { clock } = this.#components;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      for (const output of step(this.state, next, clock.monotonicMs())) this.#perform(output);
    }
    this.#isStepping = false;
    const { phase } = this.state;
    if (phase === 'starting' || phase === 'stopping') return;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #perform(output: PluginOutput): void {
    switch (output.kind) {
      case 'spawn':
        return this.#spawn();
      case 'write':
        if (this.#child?.writeStdin(output.bytes) !== false) this.feed({ kind: 'drained' });
        return;
      case 'endStdin':
        return this.#child?.endStdin();
      case 'kill':
        this.#child?.killGroup(output.signal);
        return;
      case 'pause':
        return this.#child?.setPaused(output.isPaused);
      case 'greeted':
        return this.#greet(output.hello);
      case 'up':
        return this.#appear(output.hello);
      case 'leave':
        for (const service of this.state.hello?.services ?? []) this.#program?.unregister(service);
        return;
      case 'down':
        this.#program?.close();
        this.#program = undefined;
        return this.options.onChange();
      case 'settle':
        return this.#askers.settle(output.id, output.outcome);
      case 'progress':
        return this.#askers.progress(output.id, output.value);
      case 'flag':
        return this.#say(output.flag);
      case 'log':
        return this.#components.log[output.level](output.message, output.fields);
      case 'wake':
        return this.#wakeup.at(output.atMs);
      case 'ended':
        return this.#end();
      default:
        return assertNever(output);
    }
  }

  /** Nobody waits for it: what the node refuses goes into the log. */
  #say({ kind, section, flag, wish }: PluginFlag): void {
    const { node, log, say } = this.#components;
    const service = this.state.hello?.name ?? '';
    const key = { service, section, flag };
    const by = `${node}:${service}`;
    const input = kind === 'raise' ? { kind, key, wish, by } : { kind, key, isByHand: false };
    say(input).catch((error: unknown) => {
      const fields = { plugin: this.options.file, flag: formatFlagKey(key), reason: String(error) };
      log.warn('a flag of a plugin is refused', fields);
    });
  }

  #spawn(): void {
    const { spawner, clock, env, cwd, measureMemory } = this.#components;
    const { path, file } = this.options;
    this.#stopSampling?.();
    let child: Child | undefined;
    // What a former process still says is not heard any more.
    const hear = (input: PluginInput): void => {
      if (child === undefined || child === this.#child) this.feed(input);
    };
    child = spawner.spawn(
      { argv: [path], env: { ...env, DAGENT_PLUGIN: file }, cwd },
      {
        onStart: (pid) => hear({ kind: 'spawned', pid }),
        onOutput: (channel, bytes) => hear({ kind: 'output', channel, bytes }),
        onStdinDrain: () => hear({ kind: 'drained' }),
        onStdinClose: () => hear({ kind: 'deaf' }),
        onExit: (code, signal) => hear({ kind: 'exited', code, signal }),
        onNotStarted: (reason, code) =>
          hear({ kind: 'notStarted', reason: code === NOT_FOUND ? NO_INTERPRETER : reason }),
      },
    );
    this.#child = child;
    this.#stopSampling = clock.every(PLUGIN_SAMPLE_MS, () => {
      const { pid } = this.state;
      if (pid !== null) this.feed({ kind: 'memory', bytes: measureMemory(pid) });
    });
  }

  #greet(hello: PluginHello): void {
    const reason = this.options.objectTo(hello);
    this.feed(reason === undefined ? { kind: 'accepted', hello } : { kind: 'refused', reason });
  }

  #appear(hello: PluginHello): void {
    for (const name of Object.keys(this.missing)) delete this.missing[name];
    this.options.onChange();
    this.#calls.serve(this.methods);
    if (hello.services.length === 0 && hello.topics.length === 0) return;
    const program = this.#components.openProgram((event) =>
      this.feed({ kind: 'tell', type: 'event', line: toEventLine(event) }),
    );
    this.#program = program;
    const miss = (name: string) => (error: unknown) => this.#miss(name, error);
    for (const service of hello.services) {
      program.register(service, this.#handlersOf(service)).catch(miss(service));
    }
    for (const topic of hello.topics) program.subscribe(topic).catch(miss(topic));
  }

  /** The node does not give it a name: it goes on without. */
  #miss(name: string, error: unknown): void {
    if (!(error instanceof DagentError)) throw error;
    // It was gone before it had the answer.
    if (error.code === 'E_CONNECTION_LOST') return;
    this.missing[name] = error.toData();
    const fields = { plugin: this.options.file, name, reason: error.message };
    this.#components.log.warn('plugin does not get a name', fields);
  }

  #handlersOf(service: string): ServiceHandlers {
    const calls = this.#calls;
    return {
      onMessage: (message) => {
        if (message.isCall) return calls.handlers.onMessage?.(message);
        const line = { service, ...toMessageLine(message) };
        return this.feed({ kind: 'tell', type: 'message', line });
      },
      onRequest: (exchange) => {
        if (exchange.request.isCall) calls.answer(exchange);
        else this.#askers.answer(service, exchange);
      },
    };
  }

  #end(): void {
    this.#wakeup.stop();
    this.#stopSampling?.();
    this.#calls.stop();
    this.options.onChange();
    this.#onEnded();
  }
}
