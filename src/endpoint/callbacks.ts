/**
 * Functions among the arguments of a call: the method calls them while it runs, and has what they
 * return. Uses and their results go in a stream of the call, so that they come in their order,
 * under its credit, and end with it.
 */
import { checkValue, type Place } from '../protocol/call.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { CALLBACK_BYTES_MAX, CALLBACKS_PENDING_MAX } from '../protocol/limits.ts';
import { pack, unpack } from '../protocol/pack.ts';
import { createPieceSplitter, encodePiece } from '../protocol/pieces.ts';
import { flawOf } from '../protocol/value.ts';
import type { Answering } from './answering.ts';
import type { Asking } from './asking.ts';
import { type Thrower, toRemoteError } from './exceptions.ts';
import type { Exchange } from './exchange.ts';

/** The channel of callbacks in both directions. */
const CALLBACK_CHANNEL = 255;

/** A function that a caller passes along. */
export type Callback = (...args: unknown[]) => unknown;

/** Reads the records of the channel, and grants what was read. */
function readRecords(
  exchange: Exchange,
  onRecord: (record: readonly unknown[]) => void,
  onBroken: () => void,
): void {
  const take = createPieceSplitter((body) => {
    const record = unpack(body);
    if (Array.isArray(record)) onRecord(record as readonly unknown[]);
  }, CALLBACK_BYTES_MAX);
  exchange.onData = (channel, bytes) => {
    if (channel === CALLBACK_CHANNEL && !take(bytes)) onBroken();
    exchange.grant(bytes.length);
  };
}

/** Throws E_TOO_LARGE. */
function writeRecord(exchange: Exchange, what: string, record: readonly unknown[]): void {
  const body = pack(record);
  const [bytes, max] = [body.length, CALLBACK_BYTES_MAX];
  if (bytes > max) throw new DagentError('E_TOO_LARGE', { what, bytes, max });
  exchange.write(CALLBACK_CHANNEL, encodePiece(body));
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: DagentError) => void;
}

/** The side of the method. */
export class Callbacks {
  readonly #exchange: Answering;
  readonly #pending = new Map<number, Pending>();
  #count = 0;
  #over: DagentError | undefined;

  constructor(exchange: Answering) {
    this.#exchange = exchange;
    readRecords(
      exchange,
      (record) => this.#settle(record),
      () => this.end(),
    );
  }

  /** The function that stands for the caller's at `place`. */
  functionAt(place: Place): Callback {
    return (...args) => this.#use(place, args);
  }

  async #use(place: Place, args: readonly unknown[]): Promise<unknown> {
    if (this.#over !== undefined) throw this.#over;
    if (this.#pending.size >= CALLBACKS_PENDING_MAX) {
      const values = { max: CALLBACKS_PENDING_MAX, what: 'are callbacks without an answer' };
      throw new DagentError('E_TOO_MANY_CALLS', { service: this.#exchange.request.to, ...values });
    }
    checkValue('an argument', args);
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      // First: a short way answers within the call.
      this.#pending.set(id, { resolve, reject });
      try {
        writeRecord(this.#exchange, 'what is passed to a callback', [id, place, args]);
      } catch (error) {
        this.#pending.delete(id);
        reject(error as DagentError);
      }
    });
  }

  #settle([id, value, error]: readonly unknown[]): void {
    const pending = this.#pending.get(Number(id));
    this.#pending.delete(Number(id));
    const reason = flawOf(value);
    if (error !== undefined && error !== null) pending?.reject(errorFromData(error));
    else if (reason === undefined) pending?.resolve(value);
    else pending?.reject(new DagentError('E_VALUE_INVALID', { what: 'the result', reason }));
  }

  /**
   * The call is over, or nobody listens any more: what is pending fails, and so does what follows.
   */
  end(): void {
    const { from, command } = this.#exchange.request;
    this.#over ??= new DagentError('E_CANCELLED', { method: `a callback of ${command}`, to: from });
    for (const { reject } of this.#pending.values()) reject(this.#over);
    this.#pending.clear();
  }
}

/** Lets the other side of a call use the functions at these places of its arguments. */
export function offerCallbacks(
  asking: Asking,
  functions: ReadonlyMap<Place, Callback>,
  here: Thrower,
): void {
  let running = 0;
  const use = async (place: unknown, args: unknown): Promise<unknown> => {
    const callback = functions.get(place as Place);
    const reason = callback === undefined ? 'there is no such callback' : flawOf(args);
    if (callback === undefined || reason !== undefined || !Array.isArray(args)) {
      throw new DagentError('E_VALUE_INVALID', {
        what: 'the use of a callback',
        reason: `${reason}`,
      });
    }
    if (running >= CALLBACKS_PENDING_MAX) {
      const values = { max: CALLBACKS_PENDING_MAX, what: 'are callbacks without an answer' };
      throw new DagentError('E_TOO_MANY_CALLS', { service: here.address, ...values });
    }
    running++;
    try {
      const value = await callback(...(args as unknown[]));
      checkValue('the result', value);
      return value;
    } finally {
      running--;
    }
  };
  const answer = async ([id, place, args]: readonly unknown[]): Promise<void> => {
    const fail = (thrown: unknown): void => {
      writeRecord(asking, 'the error', [id, null, toRemoteError(thrown, here).toData()]);
    };
    try {
      writeRecord(asking, 'the result', [id, await use(place, args)]);
    } catch (thrown) {
      fail(thrown);
    }
  };
  readRecords(
    asking,
    (record) => void answer(record),
    () => asking.cancel(),
  );
}
