/** Plugins of a node whose directory, processes and clock are the test's. */
import type { ServiceHandlers } from '../../src/endpoint/endpoint.ts';
import type { Incoming } from '../../src/endpoint/incoming.ts';
import type { CallContext, Methods } from '../../src/endpoint/methods.ts';
import type { LogFields, Logger } from '../../src/ports/logger.ts';
import type { FoundPlugin, PluginDirectory } from '../../src/ports/plugin-directory.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import type { FlagInput } from '../../src/services/flag-state.ts';
import type { LocalProgram } from '../../src/services/plugin-driver.ts';
import { Plugins } from '../../src/services/plugins.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeChild, FakeSpawner } from '../fakes/spawner.ts';

export class FakeProgram implements LocalProgram {
  readonly services = new Map<string, ServiceHandlers>();
  readonly topics: string[] = [];
  isClosed = false;
  readonly onEvent: (event: Incoming) => void;
  readonly #refusal: DagentError | undefined;

  constructor(onEvent: (event: Incoming) => void, refusal: DagentError | undefined) {
    this.onEvent = onEvent;
    this.#refusal = refusal;
  }

  async register(service: string, handlers: ServiceHandlers): Promise<void> {
    if (this.#refusal !== undefined) throw this.#refusal;
    this.services.set(service, handlers);
  }

  unregister(service: string): void {
    this.services.delete(service);
  }

  async subscribe(pattern: string): Promise<void> {
    this.topics.push(pattern);
  }

  close(): void {
    this.isClosed = true;
  }
}

/** A file of the directory, as it is found. */
export function found(file: string, more: Partial<FoundPlugin> = {}): FoundPlugin {
  return { file, path: `/plugins/${file}`, fingerprint: '1', untrusted: null, ...more };
}

export class PluginsBench {
  readonly clock = new FakeClock();
  readonly spawner = new FakeSpawner();
  readonly programs: FakeProgram[] = [];
  readonly logged: { readonly message: string; readonly fields: LogFields }[] = [];
  files: FoundPlugin[] = [];
  /** Why the directory cannot be used, if so. */
  refusal: DagentError | undefined;
  /** Why names are not given, if so. */
  serviceRefusal: DagentError | undefined;
  memoryBytes = 0;
  /** What was said of flags, and why nothing may be, if so. */
  readonly flags: FlagInput[] = [];
  flagRefusal: DagentError | undefined;
  methods: Methods = {};
  isWatched = false;
  /** Something in the directory has changed. */
  change: () => void = () => undefined;
  readonly plugins: Plugins;

  constructor() {
    const note = (message: string, fields: LogFields = {}): void => {
      this.logged.push({ message, fields });
    };
    const log: Logger = { debug: note, info: note, warn: note, error: note };
    const directory: PluginDirectory = {
      path: '/plugins',
      scan: () => {
        if (this.refusal !== undefined) throw this.refusal;
        return this.files;
      },
      watch: (onChange) => {
        this.isWatched = true;
        this.change = onChange;
      },
      close: () => {
        this.isWatched = false;
      },
    };
    this.plugins = new Plugins({
      node: 'here',
      version: '0.0.1',
      clock: this.clock,
      spawner: this.spawner,
      log,
      directory,
      env: { LANG: 'C' },
      cwd: '/',
      measureMemory: () => this.memoryBytes,
      say: async (input) => {
        if (this.flagRefusal !== undefined) throw this.flagRefusal;
        this.flags.push(input);
      },
      nextSeed: () => 1,
      ownClasses: () => new Set(['admin', 'info']),
      onMethods: (methods) => {
        this.methods = methods;
      },
      openProgram: (onEvent) => {
        const program = new FakeProgram(onEvent, this.serviceRefusal);
        this.programs.push(program);
        return program;
      },
    });
  }

  /** The process that was started last for a file. */
  child(file: string): FakeChild {
    const all = this.spawner.children.filter(({ request }) => request.env.DAGENT_PLUGIN === file);
    const child = all.at(-1);
    if (child === undefined) throw new Error(`${file} was not started`);
    return child;
  }

  /** A plugin writes a line. */
  say(file: string, line: object): void {
    this.child(file).say('stdout', `${JSON.stringify(line)}\n`);
  }

  /** A plugin says hello, with one class of its own name. */
  greet(file: string, more: object = {}, name = file.split('.')[0]): void {
    const classes = { [name ?? '']: { methods: { now: { doc: 'Now.', args: ['city'] } } } };
    this.say(file, { type: 'hello', protocol: 1, name, classes, ...more });
  }

  /** What a plugin has read, line by line. */
  read(file: string): Record<string, unknown>[] {
    const text = Buffer.concat(this.child(file).stdin).toString().trimEnd();
    return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Calls a method of the service itself. */
  ask<T>(method: string, ...args: readonly unknown[]): T {
    return this.plugins.methods[`plugin.${method}`]?.run(args, {} as CallContext) as T;
  }

  codes(): (string | undefined)[] {
    const plugins = this.ask<{ readonly error: { readonly code: string } | null }[]>('ls');
    return plugins.map(({ error }) => error?.code);
  }

  states(): Record<string, string> {
    const plugins = this.ask<{ readonly file: string; readonly state: string }[]>('ls');
    return Object.fromEntries(plugins.map(({ file, state }) => [file, state]));
  }
}
