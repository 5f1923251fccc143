/** Durable messages of a program: those that it leaves with its node, and those that it takes. */
import { randomBytes } from 'node:crypto';
import type { Asking } from '../endpoint/asking.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { encodeContent } from '../protocol/durable.ts';
import { DagentError } from '../protocol/errors.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { type ConsumeOptions, DurableQueue } from './durable-queue.ts';
import type { DurableOptions } from './options.ts';

const EMPTY = Buffer.alloc(0);

/** A stream of messages to one address. */
interface Stream {
  readonly sender: string;
  sequence: number;
}

/** The id of a message in two: `0123456789abcdef.17`. Throws E_ARGUMENT_INVALID. */
function parseId(id: string): Stream {
  const [sender = '', count = ''] = id.split('.');
  const sequence = Number(count);
  const isId = /^[0-9a-f]{16}$/.test(sender) && /^[1-9]\d*$/.test(count);
  if (isId && Number.isSafeInteger(sequence)) return { sender, sequence };
  const reason = `${id} is no id of a message: 16 hexadecimal digits, a dot, a count from 1`;
  throw new DagentError('E_ARGUMENT_INVALID', { method: 'send', reason });
}

/** How a name is taken and given back. */
export interface Registrar {
  register(service: string): Promise<void>;
  unregister(service: string): void;
}

export class Durable {
  readonly #endpoint: Endpoint;
  readonly #registrar: Registrar;
  /** Address of the service of the node. */
  readonly #to: string;
  readonly #streams = new Map<string, Stream>();

  constructor(endpoint: Endpoint, registrar: Registrar) {
    this.#endpoint = endpoint;
    this.#registrar = registrar;
    this.#to = `${endpoint.identity.node}:`;
  }

  /** The next id of the stream to an address. */
  #next(to: string): Stream {
    let stream = this.#streams.get(to);
    if (stream === undefined) {
      stream = { sender: randomBytes(8).toString('hex'), sequence: 0 };
      this.#streams.set(to, stream);
    }
    stream.sequence++;
    return stream;
  }

  /**
   * Settles once the node has the message on disk: it arrives then, whatever crashes. Throws
   * E_MAILBOX_FULL, E_STORE_FULL, E_STORE_WRITE, E_TOO_LARGE; and what the connection was lost by:
   * then it may be stored, and sending it again with the same `id` is harmless.
   */
  send(to: string, command: string, options: DurableOptions): Promise<void> {
    const { params, data = EMPTY, from, ttlMs, timeoutMs, id } = options;
    const { sender, sequence } = id === undefined ? this.#next(to) : parseId(id);
    const content = encodeContent({ command, params: params ?? {}, data });
    const message = { to, sender, sequence, ttlMs: ttlMs ?? 0, content };
    const more = { timeoutMs, ...(from === undefined ? {} : { from }) };
    const asking = this.#open('mailbox.deposit', [message], more);
    return new Promise((resolve, reject) => asking.whenOver(() => resolve(), reject));
  }

  #open(
    command: string,
    args: readonly unknown[],
    more: { readonly from?: string; readonly timeoutMs?: number | undefined },
  ): Asking {
    const data = pack({ args, kwargs: {} });
    return this.#endpoint.request({ to: this.#to, command, data, isCall: true, ...more });
  }

  /**
   * Takes a name, and yields the durable messages that come, and have come, to it, each to be
   * acked. What a former program of that name has not acked is among them. Throws E_NAME_INVALID,
   * E_SERVICE_TAKEN, E_TOO_MANY_SERVICES, E_CONNECTION_LOST, E_STORE_VERSION, E_CANNOT_WRITE.
   */
  async consume(service: string, options: ConsumeOptions): Promise<DurableQueue> {
    await this.#registrar.register(service);
    const { count, leaseMs } = options;
    const wish = [service, { count, leaseMs }];
    const from = { from: service };
    const source = {
      openLease: () => this.#open('mailbox.lease', wish, { ...from, timeoutMs: REQUEST_MS_MAX }),
      call: async (method: string, args: readonly unknown[]) =>
        decodeValue((await this.#open(method, args, from).outcome).data),
      leave: () => this.#registrar.unregister(service),
    };
    const queue = new DurableQueue(source, options);
    await queue.opened();
    return queue;
  }
}
