import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDeliverySplitter, type DurableDelivery } from '../../src/protocol/durable.ts';
import {
  FRAME_BYTES_MAX,
  MAILBOX_CONTENT_BYTES_MAX,
  MAILBOX_PIECE_BYTES,
  MAILBOX_PIECE_COUNT,
} from '../../src/protocol/limits.ts';
import { createDeliveryWriter } from '../../src/services/mailbox-deliveries.ts';

const [ONE, OTHER] = ['00000000000000aa', '00000000000000bb'];

/** A writer, and what it has written. */
function open() {
  const written: Buffer[] = [];
  const write = createDeliveryWriter((bytes) => written.push(bytes));
  let position = 0;
  const deliver = (sender: string, bytes = 1, from = 'web1:~1'): void => {
    position++;
    const message = { sender, from, sequence: position, sentAtMs: 1, expiresAtMs: 0 };
    const content = Buffer.alloc(bytes, position);
    const place = { receiver: 1, box: 'a:b', store: ONE, attempt: 1, isRepeated: false };
    write({ ...place, position, message: { ...message, content } });
  };
  return { written, deliver };
}

/** Bytes of each piece in what was written. */
function piecesIn(written: Buffer): number[] {
  const pieces: number[] = [];
  for (let at = 0; at < written.length; at += pieces.at(-1)! + 4) {
    pieces.push(written.readUInt32BE(at));
  }
  return pieces;
}

function read(written: readonly Buffer[]): DurableDelivery[] {
  const deliveries: DurableDelivery[] = [];
  const split = createDeliverySplitter((delivery) => deliveries.push(delivery));
  for (const bytes of written) split(bytes);
  return deliveries;
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

test('what is handed over in one turn is written once, and comes out in its order', async () => {
  const { written, deliver } = open();
  for (const sender of [ONE, ONE, OTHER, ONE]) deliver(sender);
  deliver(ONE, 1, 'web2:~1');
  assert.equal(written, []);
  await turn();
  deliver(ONE);
  await turn();
  assert.is(written.length, 2);
  assert.is(piecesIn(written[0]!).length, 4);
  assert.equal(
    read(written).map(({ position, sender, from }) => [position, sender, from]),
    [
      [1, ONE, 'web1:~1'],
      [2, ONE, 'web1:~1'],
      [3, OTHER, 'web1:~1'],
      [4, ONE, 'web1:~1'],
      [5, ONE, 'web2:~1'],
      [6, ONE, 'web1:~1'],
    ],
  );
});

test('a piece has a bounded number of messages, and of bytes: its reader takes it', async () => {
  const many = open();
  for (let count = 0; count <= MAILBOX_PIECE_COUNT; count++) many.deliver(ONE);
  await turn();
  assert.is(piecesIn(many.written[0]!).length, 2);
  const large = open();
  const small = Math.floor((MAILBOX_PIECE_BYTES - 1) / (MAILBOX_PIECE_COUNT - 1));
  for (let count = 1; count < MAILBOX_PIECE_COUNT; count++) large.deliver(ONE, small);
  large.deliver(ONE, MAILBOX_CONTENT_BYTES_MAX);
  large.deliver(ONE);
  await turn();
  const pieces = piecesIn(large.written[0]!);
  assert.is(pieces.length, 2);
  assert.ok(pieces[0]! > MAILBOX_CONTENT_BYTES_MAX && pieces[0]! < FRAME_BYTES_MAX);
  assert.is(read(large.written).length, MAILBOX_PIECE_COUNT + 1);
});

test.run();
