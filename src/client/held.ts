/** A durable message in the hands of a program, and all of them. */
import { NumberTable } from '../base/number-table.ts';
import type { DurableId } from '../protocol/durable.ts';

/** A message that is here, from when it comes until its ack is known to be stored. */
export interface Held extends DurableId {
  /** Where it is in the present lease; undefined while it has not come by that one. */
  position: number | undefined;
  isDone: boolean;
  /** Settles when its ack is known to be stored, or not; once somebody has acked it. */
  acked: Promise<void> | undefined;
  /** Why it could not be remembered that it is done. */
  failure: unknown;
  resolve(): void;
  reject(error: unknown): void;
}

/** Senders of which nothing is here any more, and whose tables are kept for what comes next. */
const EMPTY_TABLES_MAX = 16;

function nothing(): void {}

export function createHeld({ sender, sequence }: DurableId, position: number | undefined): Held {
  return {
    sender,
    sequence,
    position,
    isDone: false,
    acked: undefined,
    failure: undefined,
    resolve: nothing,
    reject: nothing,
  };
}

/** Has `acked` settle when that is known; whoever is not interested need not look. */
export function expectAck(held: Held): Promise<void> {
  const acked = new Promise<void>((resolve, reject) => {
    held.resolve = () => (held.failure === undefined ? resolve() : reject(held.failure));
    held.reject = reject;
  });
  acked.catch(nothing);
  held.acked = acked;
  return acked;
}

/** What is here, by id. */
export class HeldTable {
  readonly #bySender = new Map<string, NumberTable<Held>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ sender, sequence }: DurableId): Held | undefined {
    return this.#bySender.get(sender)?.get(sequence);
  }

  /** Adds what is not here yet. */
  add(held: Held): void {
    let table = this.#bySender.get(held.sender);
    if (table === undefined) {
      table = new NumberTable();
      this.#bySender.set(held.sender, table);
    }
    table.set(held.sequence, held);
    this.#size++;
  }

  /** Forgets it; not another one of the same id. */
  delete(held: Held): void {
    const table = this.#bySender.get(held.sender);
    if (table?.get(held.sequence) !== held) return;
    table.delete(held.sequence);
    this.#size--;
    const isLeft = table.size > 0 || this.#bySender.size <= EMPTY_TABLES_MAX;
    if (!isLeft) this.#bySender.delete(held.sender);
  }

  /** All as they are now. */
  values(): Held[] {
    return [...this.#bySender.values()].flatMap((table) => table.values());
  }
}
