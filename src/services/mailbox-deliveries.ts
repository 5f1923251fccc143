/** What a receiver is handed: messages that go out at once are few pieces of one stream. */
import { encodeDeliveries } from '../protocol/durable.ts';
import { MAILBOX_PIECE_BYTES, MAILBOX_PIECE_COUNT } from '../protocol/limits.ts';
import type { Delivery } from './mailbox-driver.ts';

/** What goes with the next write. */
class Piece {
  readonly #deliveries: Delivery[] = [];
  #bytes = 0;

  /** False when it is another one's: it would be too large, or is of another sender. */
  add(delivery: Delivery): boolean {
    const { message } = delivery;
    const first = this.#deliveries[0]?.message ?? message;
    const isFull =
      this.#deliveries.length === MAILBOX_PIECE_COUNT || this.#bytes >= MAILBOX_PIECE_BYTES;
    if (isFull || first.sender !== message.sender || first.from !== message.from) return false;
    this.#deliveries.push(delivery);
    this.#bytes += message.content.length;
    return true;
  }

  encode(): Buffer {
    return encodeDeliveries(this.#deliveries[0]!.message, this.#deliveries);
  }
}

/** Takes deliveries, and writes what came in one turn when that is over: one alone is small. */
export function createDeliveryWriter(write: (bytes: Buffer) => void): (delivery: Delivery) => void {
  let pieces: Piece[] = [];
  const flush = (): void => {
    const encoded = pieces.map((piece) => piece.encode());
    pieces = [];
    write(Buffer.concat(encoded));
  };
  return (delivery) => {
    if (pieces.length === 0) queueMicrotask(flush);
    if (pieces.at(-1)?.add(delivery) === true) return;
    const piece = new Piece();
    piece.add(delivery);
    pieces.push(piece);
  };
}
