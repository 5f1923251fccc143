/** What became of each message, and what must never happen to one. */
import type { Delivery } from '../../src/mailbox/io.ts';
import type { Message, ShownLetter } from '../../src/mailbox/message.ts';
import { demand } from './envelopes.ts';

interface Entry {
  readonly message: Message;
  readonly isOrdered: boolean;
  /** Its sender heard `stored`, or that it is refused. */
  isStored: boolean;
  isRefused: boolean;
  isHandedOut: boolean;
  isProcessed: boolean;
  /** Its receiver heard `acked`. */
  isAcked: boolean;
}

export function idOf({ sender, sequence }: Message): string {
  return `${sender}.${sequence}`;
}

export class Ledger {
  readonly entries = new Map<string, Entry>();
  /** Dead letters that were thrown away to make room. */
  readonly purged: ShownLetter[] = [];
  deliveredCount = 0;
  repeatedCount = 0;
  deadCount = 0;
  /** Highest sequence of each sender that was ever handed out. */
  readonly #handedOut = new Map<string, number>();

  /** A message is sent, perhaps once more. */
  send(message: Message, isOrdered: boolean): void {
    if (this.entries.has(idOf(message))) return;
    this.entries.set(idOf(message), {
      message,
      isOrdered,
      isStored: false,
      isRefused: false,
      isHandedOut: false,
      isProcessed: false,
      isAcked: false,
    });
  }

  entryOf(message: Message): Entry {
    const entry = this.entries.get(idOf(message));
    demand(entry !== undefined, () => `${idOf(message)} was never sent`);
    return entry!;
  }

  deliver({ message, isRepeated, box }: Delivery): Entry {
    const entry = this.entryOf(message);
    const id = idOf(message);
    const { content } = entry.message;
    demand(content.equals(message.content), () => `${id} has changed on its way`);
    demand(!entry.isAcked, () => `${id} was acked, and is handed out again at ${box}`);
    demand(!entry.isRefused, () => `${id} was refused, and is handed out at ${box}`);
    demand(isRepeated || !entry.isHandedOut, () => `${id} comes again without a word of it`);
    this.deliveredCount++;
    if (isRepeated) this.repeatedCount++;
    if (!entry.isHandedOut) this.#checkOrder(entry, id);
    entry.isHandedOut = true;
    return entry;
  }

  #checkOrder({ isOrdered, message: { sender, sequence } }: Entry, id: string): void {
    const last = this.#handedOut.get(sender) ?? 0;
    demand(!isOrdered || sequence > last, () => `${id} comes after ${last}`);
    this.#handedOut.set(sender, Math.max(last, sequence));
  }

  /** What everything must have come to in the end. */
  checkEnd(dead: readonly ShownLetter[], tryCountMax: number): void {
    const letters = new Map(dead.map((letter) => [idOf(letter.message), letter]));
    this.deadCount = dead.length;
    for (const { message, failures } of dead) {
      const id = idOf(message);
      const { isAcked } = this.entryOf(message);
      const canExpire = message.expiresAtMs > 0;
      demand(failures.length > 0, () => `${id} died without a history`);
      demand(canExpire || failures.length >= Math.min(tryCountMax, 20), () => `${id} died early`);
      demand(canExpire || !isAcked, () => `${id} was acked and died`);
    }
    for (const [id, entry] of this.entries) {
      const isThere = entry.isProcessed || letters.has(id);
      demand(!entry.isStored || isThere, () => `${id} was stored, and is lost`);
    }
  }
}
