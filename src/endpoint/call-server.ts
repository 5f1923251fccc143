/**
 * Answers the calls of one service: finds the method, runs it in its turn, tells how it goes, and
 * sees to it that each call ends once.
 */
import { type CallBody, checkValue, decodeCall } from '../protocol/call.ts';
import { DagentError } from '../protocol/errors.ts';
import { CALLS_WAITING_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { createAdminMethods } from './admin-methods.ts';
import type { Answering } from './answering.ts';
import { fillByName } from './binding.ts';
import { DetachedCalls } from './detached-calls.ts';
import { toRemoteError } from './exceptions.ts';
import type { ServiceHandlers } from './flow.ts';
import type { Incoming } from './incoming.ts';
import { MethodTable } from './method-table.ts';
import type { Method, Served } from './methods.ts';
import { type CallTimer, RunningCall, recordOfRequest } from './running-call.ts';
import type { Unheard } from './unheard.ts';

export interface CallServerOptions {
  /** The node that it is on: where errors come from. */
  readonly node: string;
  readonly timer: CallTimer;
  /** Calls that run at a time; the others wait for their turn. No bound when absent. */
  readonly concurrentMax?: number | undefined;
}

/** The arguments as a method without an object takes them. */
function argumentsFor({ method, call, exchange }: RunningCall): readonly unknown[] {
  const { args, isRaw } = method;
  if (args === undefined || isRaw === true || Object.keys(call.kws).length === 0) return call.args;
  return fillByName(exchange.request.command, args, call);
}

export class CallServer {
  /** What to do with what comes to the service. */
  readonly handlers: ServiceHandlers;
  readonly #options: CallServerOptions;
  readonly #detached: DetachedCalls;
  readonly #calls = new Map<string, RunningCall>();
  readonly #waiting: RunningCall[] = [];
  readonly #admin: Served;
  #table: MethodTable;
  #runningCount = 0;

  /** Throws E_USAGE as {@link serve}. */
  constructor(served: Served, options: CallServerOptions) {
    this.#options = options;
    this.#detached = new DetachedCalls(options.timer);
    this.#admin = createAdminMethods({
      table: () => this.#table,
      running: () => this.#calls.values(),
      detached: this.#detached,
    });
    this.#table = new MethodTable(served, this.#admin);
    this.handlers = {
      onRequest: (exchange) => this.answer(exchange),
      onMessage: (message) => this.#takeMessage(message),
    };
  }

  /** Offers something else from now on. Throws E_USAGE when a version is none. */
  serve(served: Served): void {
    this.#table = new MethodTable(served, this.#admin);
  }

  /** Cancels what runs without anybody who waits for it: nobody else will. */
  stop(): void {
    this.#detached.stop();
  }

  /** Answers a call. */
  answer(exchange: Answering): void {
    const { data, command, to } = exchange.request;
    try {
      const call = decodeCall(data);
      const method = this.#table.find(to, command, call.version);
      if (call.isDetached) this.#detach(exchange, call, method);
      else this.#accept(exchange, call, method);
    } catch (thrown) {
      this.#reject(exchange, thrown);
    }
  }

  #reject(exchange: Answering, thrown: unknown): void {
    const { node } = this.#options;
    const thrower = { node, address: exchange.request.to };
    exchange.reject(toRemoteError(thrown, thrower).toData());
  }

  /** The reply says where the outcome can be had, and the call goes on without its caller. */
  #detach(exchange: Answering, call: CallBody, method: Method): void {
    const { request } = exchange;
    const unheard = this.#beginUnheard(request, call);
    exchange.reply({ data: pack({ sn: request.sn, service: request.to }) });
    this.#accept(unheard, call, method);
  }

  #beginUnheard(request: Incoming, { timeoutMs, isDetached, callbacks }: CallBody): Unheard {
    if (callbacks.length > 0) {
      const reason = 'nobody is there for its callbacks';
      throw new DagentError('E_VALUE_INVALID', { what: 'the call', reason });
    }
    return this.#detached.begin(request, timeoutMs, () => {
      const record = this.#calls.get(request.sn)?.record() ?? recordOfRequest(request);
      return { ...record, isDetached };
    });
  }

  /** A call whose caller wants no answer. What fails can be seen for a while by admin.calls. */
  #takeMessage(message: Incoming): boolean {
    if (!message.isCall) return false;
    try {
      const call = { ...decodeCall(message.data), isDetached: false };
      const method = this.#table.find(message.to, message.command, call.version);
      this.#accept(this.#beginUnheard(message, call), call, method);
    } catch (thrown) {
      const thrower = { node: this.#options.node, address: message.to };
      const error = toRemoteError(thrown, thrower).toData();
      this.#detached.keep(recordOfRequest(message), { kind: 'threw', error });
    }
    return true;
  }

  #accept(exchange: Answering, body: CallBody, method: Method): void {
    const { timer, concurrentMax = Number.POSITIVE_INFINITY } = this.#options;
    const call = new RunningCall(exchange, body, method, timer);
    this.#calls.set(call.sn, call);
    if (body.tellsStatus) exchange.progress(null, 'accepted');
    if (this.#runningCount < concurrentMax) void this.#run(call);
    else this.#wait(call);
  }

  #wait(call: RunningCall): void {
    if (this.#waiting.length >= CALLS_WAITING_MAX) {
      const values = { max: CALLS_WAITING_MAX, what: 'wait for their turn' };
      const { to } = call.exchange.request;
      this.#fail(call, new DagentError('E_TOO_MANY_CALLS', { service: to, ...values }));
      return;
    }
    this.#waiting.push(call);
    call.onCancelledEarly = () => {
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      this.#fail(call, this.#cancelled(call));
    };
  }

  #cancelled({ exchange: { request } }: RunningCall): DagentError {
    return new DagentError('E_CANCELLED', { method: request.command, to: request.to });
  }

  #fail(call: RunningCall, thrown: unknown): void {
    this.#reject(call.exchange, thrown);
    this.#calls.delete(call.sn);
  }

  async #run(call: RunningCall): Promise<void> {
    const { exchange, method } = call;
    this.#runningCount++;
    call.state = 'started';
    try {
      if (call.call.tellsStatus) exchange.progress(null, 'started');
      const value = await method.run(argumentsFor(call), call);
      checkValue('the result', value);
      call.finish();
      exchange.reply({ data: pack(value) });
      this.#calls.delete(call.sn);
    } catch (thrown) {
      call.finish();
      // A method that gives up because it was told to has nothing of its own to say.
      const isGivenUp = call.isCancelled && (thrown as Error | null)?.name === 'AbortError';
      this.#fail(call, isGivenUp ? this.#cancelled(call) : thrown);
    }
    this.#runningCount--;
    const next = this.#waiting.shift();
    if (next !== undefined) void this.#run(next);
  }
}
