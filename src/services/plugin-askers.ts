/** Who waits for an answer of a plugin: callers of its methods, and of its services. */
import type { Answering } from '../endpoint/answering.ts';
import { toRemoteError } from '../endpoint/exceptions.ts';
import type { CallContext, Method, Methods } from '../endpoint/methods.ts';
import type { MethodSpec } from '../plugins/hello.ts';
import type { PluginInput, PluginOutcome } from '../plugins/io.ts';
import type { PluginFault } from '../plugins/lines.ts';
import { parseProgress } from '../protocol/call.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { PLUGIN_CALL_MS_DEFAULT } from '../protocol/limits.ts';
import { readReply, toMessageLine } from './plugin-messages.ts';

export interface AskersComponents {
  readonly node: string;
  /** A number for what is asked next. */
  nextId(): number;
  feed(input: PluginInput): void;
  /** Progress could not be passed on, for this reason. */
  onLost(reason: string): void;
}

interface Asker {
  settle(outcome: PluginOutcome): void;
  progress(value: unknown): void;
}

/** What a plugin raised, as something to throw: it travels with its class and its arguments. */
class PluginException extends Error {
  readonly module: string;
  readonly args: readonly unknown[];

  constructor({ class: name, message, module, args }: PluginFault) {
    super(message);
    this.name = name;
    this.module = module;
    this.args = args;
  }
}

/** The value of an outcome. Throws what there is instead. */
function resultOf(outcome: PluginOutcome): unknown {
  if ('value' in outcome) return outcome.value;
  throw 'fault' in outcome ? new PluginException(outcome.fault) : errorFromData(outcome.error);
}

/** Progress as calls report it: a plugin may also say just anything. */
function toReport(value: unknown) {
  const { total, completed } = (value ?? {}) as Readonly<Record<string, unknown>>;
  const isReport = total !== undefined || completed !== undefined;
  return parseProgress(isReport ? value : { details: value });
}

export class PluginAskers {
  readonly #components: AskersComponents;
  readonly #askers = new Map<number, Asker>();

  constructor(components: AskersComponents) {
    this.#components = components;
  }

  #add(asker: Asker): number {
    const id = this.#components.nextId();
    this.#askers.set(id, asker);
    return id;
  }

  /** Methods that ask the plugin. Arguments go there as they came: it knows what it takes. */
  methodsOf(specs: readonly MethodSpec[]): Methods {
    const entries = specs.map((spec): [string, Method] => {
      const { name, doc, args } = spec;
      const run = (given: readonly unknown[], context: CallContext): Promise<unknown> =>
        this.#call(spec, given, context);
      return [name, { doc, args, isRaw: true, run }];
    });
    return Object.fromEntries(entries);
  }

  async #call(
    { name: method, timeoutMs }: MethodSpec,
    args: readonly unknown[],
    context: CallContext,
  ): Promise<unknown> {
    const { from, kwargs, signal } = context;
    const { feed } = this.#components;
    const outcome = new Promise<PluginOutcome>((settle) => {
      const id = this.#add({ settle, progress: (value) => context.progress(toReport(value)) });
      signal.addEventListener('abort', () => feed({ kind: 'cancel', id }));
      const line = { method, args, kwargs, from };
      feed({ kind: 'ask', id, type: 'call', method, timeoutMs, line });
    });
    return resultOf(await outcome);
  }

  /** Asks the plugin what one of its services was asked. */
  answer(service: string, exchange: Answering): void {
    const { request } = exchange;
    const { feed } = this.#components;
    const id = this.#add({
      settle: (outcome) => this.#answerWith(exchange, outcome),
      progress: (value) => exchange.progress(value),
    });
    exchange.onCancel = () => feed({ kind: 'cancel', id });
    const line = { service, ...toMessageLine(request) };
    const asked = { method: request.command, timeoutMs: PLUGIN_CALL_MS_DEFAULT, line };
    feed({ kind: 'ask', id, type: 'request', ...asked });
  }

  /** What the plugin said may be too large: then that is the answer. */
  #answerWith(exchange: Answering, outcome: PluginOutcome): void {
    try {
      exchange.reply(readReply(resultOf(outcome)));
    } catch (thrown) {
      const thrower = { node: this.#components.node, address: exchange.request.to };
      exchange.reject(toRemoteError(thrown, thrower).toData());
    }
  }

  /** What became of something that was asked. */
  settle(id: number, outcome: PluginOutcome): void {
    const asker = this.#askers.get(id);
    this.#askers.delete(id);
    asker?.settle(outcome);
  }

  /** How far the plugin is with it. */
  progress(id: number, value: unknown): void {
    try {
      this.#askers.get(id)?.progress(value);
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      this.#components.onLost(error.message);
    }
  }
}
