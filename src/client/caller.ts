/** The calls of a program: to one, to many, waited for or not. */

import { toText } from '../base/text.ts';
import type { Asking } from '../endpoint/asking.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { openCall } from '../endpoint/methods.ts';
import { DagentError } from '../protocol/errors.ts';
import { unpackMap } from '../protocol/pack.ts';
import { CallHandle } from './call-handle.ts';
import type {
  CallOptions,
  CallRequest,
  GroupAnswer,
  GroupOptions,
  StartOptions,
} from './call-options.ts';
import { type Delivery, deliver, keepingOf } from './delivery.ts';
import { DetachedCall } from './detached-call.ts';
import { callGroup } from './group.ts';
import type { CacheOption, DeliverOptions } from './options.ts';
import { PreparedCall, readResult } from './prepared-call.ts';
import { createProxy, type Remote } from './proxy.ts';
import { type ClassHelp, parseClasses } from './service-help.ts';
import { Trigger } from './trigger.ts';

const FOLLOWED = { tellsStatus: true } as const;

export abstract class Caller {
  /** The end of the exchanges of this program, for what the methods here do not offer. */
  abstract get endpoint(): Endpoint;

  /**
   * Calls `class.method` of a service, and settles with its value. A function among the arguments
   * can be called by the method as long as it runs. Throws what it throws (a {@link RemoteError}
   * with class, arguments and state), or what became of the call otherwise.
   */
  async call(
    to: string,
    method: string,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<unknown> {
    if (options.signal?.aborted === true) throw new DagentError('E_CANCELLED', { method, to });
    const asking = new PreparedCall(method, args, options, undefined).open(this.endpoint, to);
    if (options.signal !== undefined || options.onProgress !== undefined) {
      return new CallHandle(asking, method, options).result;
    }
    return readResult((await asking.outcome).data);
  }

  /** Opens a call whose streams matter. */
  openCall(to: string, method: string, args: readonly unknown[], timeoutMs?: number): Asking {
    return openCall(this.endpoint, to, method, { args, timeoutMs });
  }

  /**
   * Makes a call and returns at once: the handle has its status and its result. Throws
   * E_VALUE_INVALID, E_ADDRESS_INVALID, E_TOO_LARGE.
   */
  start(
    to: string,
    method: string,
    args: readonly unknown[] = [],
    options: StartOptions = {},
  ): CallHandle {
    return this.prepare(to, method, args, options).fire();
  }

  /** Makes a call ready, with its arguments as they are now: it is sent when its trigger fires. */
  prepare(
    to: string,
    method: string,
    args: readonly unknown[] = [],
    options: StartOptions = {},
  ): Trigger {
    const prepared = new PreparedCall(method, args, options, FOLLOWED);
    return new Trigger(to, () => {
      return new CallHandle(prepared.open(this.endpoint, to), method, options);
    });
  }

  /**
   * Calls without an answer, at most once: nothing tells what becomes of it. It may go to many
   * (`*:SERVICE`). `timeoutMs` is what the call itself may take. Throws as {@link start}.
   */
  tell(
    to: string,
    method: string,
    args: readonly unknown[] = [],
    options: CallRequest & { readonly cache?: CacheOption | undefined } = {},
  ): void {
    const { timeoutMs, from, cache } = options;
    const { data } = new PreparedCall(method, args, options, { timeoutMs });
    const keeping = cache === undefined ? {} : keepingOf(cache);
    this.endpoint.send({ to, command: method, data, from, isCall: true, ...keeping });
  }

  /**
   * As {@link tell}, and settles when whom it is for, or who keeps it meanwhile, has it: `deliver`
   * for calls. Throws what became of it otherwise.
   */
  async deliverCall(
    to: string,
    method: string,
    args: readonly unknown[] = [],
    options: CallRequest & Pick<DeliverOptions, 'cache' | 'report'> = {},
  ): Promise<Delivery> {
    const { timeoutMs, from, cache, report } = options;
    const { data } = new PreparedCall(method, args, options, { timeoutMs });
    const out = { to, command: method, data, from, isCall: true };
    return deliver(this.endpoint, out, { cache, report });
  }

  /**
   * Makes a call that runs on when this program ends; its outcome is kept for a while where it ran.
   * Settles when it is taken. `timeoutMs` is what the call itself may take.
   */
  async detach(
    to: string,
    method: string,
    args: readonly unknown[] = [],
    options: CallRequest = {},
  ): Promise<DetachedCall> {
    const { timeoutMs, ...request } = options;
    const prepared = new PreparedCall(method, args, request, { isDetached: true, timeoutMs });
    const { data } = await prepared.open(this.endpoint, to).outcome;
    const { sn, service } = unpackMap(data);
    return this.detached(toText(service), toText(sn));
  }

  /** A call that was detached before, here or elsewhere. */
  detached(service: string, sn: string): DetachedCall {
    return new DetachedCall(service, sn, (method, args, options) =>
      this.call(service, method, args, options),
    );
  }

  /** Calls many, and yields their answers as they come. Leaving early cancels the rest. */
  callMany(
    addresses: Iterable<string>,
    method: string,
    args: readonly unknown[] = [],
    options: GroupOptions = {},
  ): AsyncGenerator<GroupAnswer, void, undefined> {
    const mode = options.onStatus === undefined ? undefined : FOLLOWED;
    const prepared = new PreparedCall(method, args, options, mode);
    return callGroup(this.endpoint, addresses, prepared, options);
  }

  /** What a service offers: its classes, the newest version of each first. Throws as `call`. */
  async describe(to: string, options: Pick<CallOptions, 'timeoutMs'> = {}): Promise<ClassHelp[]> {
    return parseClasses(await this.call(to, 'admin.describe', [], options));
  }

  /**
   * An object whose methods are those of a class there. Its constructor's arguments are options.
   */
  proxy<T extends object>(to: string, className: string, options: CallOptions = {}): Remote<T> {
    return createProxy((method, args) => this.call(to, `${className}.${method}`, args, options));
  }
}
