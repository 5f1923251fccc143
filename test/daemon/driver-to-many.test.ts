/** Who is slowed down by what goes to many, and who misses some of it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { encodeFrame, Flag, type FrameFields, Kind, Scope } from '../../src/protocol/frame.ts';
import { QUEUE_DROP_BYTES, QUEUE_HIGH_BYTES } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { quiet, Station, type Visitor } from './station.ts';

const PIECE = Buffer.alloc(65_536);
const EVENT = { kind: Kind.EVENT, toService: 1 } as const;
const BROADCAST = { kind: Kind.MESSAGE, flags: Flag.BROADCAST, channel: Scope.REALM } as const;

/** Sends so many bytes to many, a moment for everybody in between. */
async function pour(from: Visitor, fields: FrameFields, bytes: number): Promise<number> {
  const seed = Number(from.received.find(({ kind }) => kind === Kind.WELCOME)?.head.seed);
  const source = { fromNode: nodeKeyOf(from.node), fromService: serviceKeyOf(from.service), seed };
  let count = 0;
  for (let sent = 0; sent < bytes; sent += PIECE.length) {
    const number = ++count;
    const frame = encodeFrame({ ...fields, ...source, number }, pack({ topic: 'x' }), PIECE);
    from.ours.write(frame);
    await quiet();
  }
  return count;
}

async function subscriber(station: Station, name: string): Promise<Visitor> {
  const visitor = await station.program(name);
  visitor.send({ kind: Kind.SUBSCRIBE, number: 1 }, { pattern: '>' });
  await quiet();
  return visitor;
}

for (const fields of [EVENT, BROADCAST]) {
  const what = fields === EVENT ? 'an event' : 'a broadcast';

  test(`${what} that one program does not read is dropped for it, and stops nobody`, async () => {
    const station = new Station();
    const [slow, quick] = [await subscriber(station, 'slow'), await subscriber(station, 'quick')];
    const eager = await station.program('eager');
    slow.setReading(false);
    const sent = await pour(eager, fields, 2 * QUEUE_DROP_BYTES);
    assert.not.ok(eager.isPaused);
    const countOf = (visitor: Visitor): number =>
      visitor.received.filter(({ kind }) => kind === fields.kind).length;
    assert.is(countOf(quick), sent);
    assert.ok(slow.theirs.queuedBytes < QUEUE_DROP_BYTES + 3 * PIECE.length);
    slow.setReading(true);
    await quiet();
    const { droppedSlowPeer } = station.router.counters;
    assert.ok(droppedSlowPeer > 0);
    assert.is(countOf(slow) + droppedSlowPeer, sent);
  });

  test(`${what} for a node that does not keep up slows who sends it, and is not lost`, async () => {
    const station = new Station();
    const child = await station.child('child', { topics: ['>'] });
    const eager = await station.program('eager');
    child.setReading(false);
    const sent = await pour(eager, fields, 2 * QUEUE_HIGH_BYTES);
    assert.ok(eager.isPaused);
    child.setReading(true);
    await quiet();
    assert.not.ok(eager.isPaused);
    assert.is(child.received.filter(({ kind }) => kind === fields.kind).length, sent);
    assert.is(station.router.counters.droppedSlowPeer, 0);
  });
}

test.run();
