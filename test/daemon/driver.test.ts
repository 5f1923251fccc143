import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection } from '../../src/ports/transport.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Kind } from '../../src/protocol/frame.ts';
import {
  HANDSHAKE_MS_MAX,
  QUEUE_CLOSE_BYTES,
  QUEUE_DROP_BYTES,
  QUEUE_HIGH_BYTES,
  STOP_GRACE_MS,
} from '../../src/protocol/limits.ts';
import { quiet, Station, type Visitor } from './station.ts';

const PIECE = Buffer.alloc(65_536);
const LARGE = Buffer.alloc(1_048_576);

/** Sends until so many bytes must have gone. */
async function pour(from: Visitor, to: string, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes; sent += PIECE.length) from.sendTo(to, PIECE);
  await quiet();
}

test('who connects and says hello is welcomed, and its services are known', async () => {
  const station = new Station();
  const printer = await station.program('printer');
  assert.equal(printer.kinds(), [Kind.WELCOME, Kind.REGISTERED]);
  assert.equal(station.eventKinds(), ['serviceUp']);
});

test('what one program sends another receives', async () => {
  const station = new Station();
  const printer = await station.program('printer');
  const office = await station.program('office');
  office.sendTo('printer', Buffer.from('page 1'));
  office.sendTo('printer', Buffer.from('page 2'));
  await quiet();
  const pages = printer.received.filter(({ kind }) => kind === Kind.MESSAGE);
  assert.equal(
    pages.map(({ body }) => body.toString()),
    ['page 1', 'page 2'],
  );
});

test('what is for the node itself is delivered, what that sends is routed after it', async () => {
  const station = new Station();
  const office = await station.program('office');
  station.onDeliver = () => {
    station.driver.input({ kind: 'tick' });
    station.onDeliver = () => undefined;
  };
  office.sendTo('dagent', Buffer.from('question'));
  await quiet();
  assert.is(station.delivered.length, 1);
});

test('who says nothing is sent away when its time is over', async () => {
  const station = new Station();
  const silent = station.connect();
  await quiet();
  station.clock.advance(HANDSHAKE_MS_MAX - 1);
  await quiet();
  assert.equal(silent.reasons, []);
  station.clock.advance(STOP_GRACE_MS / 2);
  await quiet();
  assert.is(silent.reasons.length, 1);
  assert.equal(silent.kinds(), [Kind.REFUSE]);
});

test('a timer that is called a little early is set again', async () => {
  const station = new Station();
  station.clock.earlyMs = 0.4;
  const silent = station.connect();
  station.clock.advance(HANDSHAKE_MS_MAX + 10);
  await quiet();
  assert.equal(silent.kinds(), [Kind.REFUSE]);
});

test('there is one timer at most, and none when nothing is due', async () => {
  const station = new Station();
  assert.is(station.clock.timerCount, 0);
  for (let count = 0; count < 5; count++) station.connect();
  await station.program('printer');
  assert.is(station.clock.timerCount, 1);
});

test('parents are dialled one after the other, until one answers', async () => {
  const parents = ['cd://one:1', 'cd://two:2', 'cd:relative'];
  const station = new Station({ parents });
  const accepted: Connection[] = [];
  await station.transport.listen('cd://two:2', (connection) => accepted.push(connection));
  station.driver.start();
  for (let count = 0; count < 100 && accepted.length === 0; count++) {
    await quiet();
    station.clock.advance(1_000);
  }
  assert.is(accepted.length, 1);
  const [failed] = station.events;
  assert.is(failed?.kind, 'uplinkFailed');
  assert.is(failed?.kind === 'uplinkFailed' && failed.error.code, 'E_CONNECT');
});

test('a name is dialled address by address; one that cannot be found is a failure', async () => {
  const station = new Station({ parents: ['cd://nowhere:1', 'cd://hub:2'] });
  station.resolve = async (url) => {
    if (url === 'cd://hub:2') return ['cd://10.0.0.1:2', 'cd://10.0.0.2:2'];
    if (url !== 'cd://nowhere:1') return [url];
    throw new DagentError('E_CONNECT', { url, reason: 'the host name has no address' });
  };
  const accepted: Connection[] = [];
  await station.transport.listen('cd://10.0.0.2:2', (connection) => accepted.push(connection));
  station.driver.start();
  await quiet();
  assert.is(accepted.length, 1);
  const failed = station.events.map((each) => each.kind === 'uplinkFailed' && each.url);
  assert.equal(failed, ['cd://nowhere:1', 'cd://10.0.0.1:2']);
});

test('a program that sends to one that does not read is paused until that has read', async () => {
  const station = new Station();
  const slow = await station.program('slow');
  const eager = await station.program('eager');
  slow.setReading(false);
  await pour(eager, 'slow', QUEUE_HIGH_BYTES / 2);
  assert.not.ok(eager.isPaused);
  await pour(eager, 'slow', 4 * QUEUE_HIGH_BYTES);
  assert.ok(eager.isPaused);
  assert.ok(slow.theirs.queuedBytes < QUEUE_HIGH_BYTES + 2 * PIECE.length);
  slow.setReading(true);
  await quiet();
  assert.not.ok(eager.isPaused);
  const messages = slow.received.filter(({ kind }) => kind === Kind.MESSAGE);
  assert.is(messages.length, (4.5 * QUEUE_HIGH_BYTES) / PIECE.length);
  assert.is(station.router.counters.droppedSlowPeer, 0);
});

test('others go on while one is paused', async () => {
  const station = new Station();
  const slow = await station.program('slow');
  const eager = await station.program('eager');
  const calm = await station.program('calm');
  slow.setReading(false);
  await pour(eager, 'slow', 2 * QUEUE_HIGH_BYTES);
  calm.sendTo('eager', Buffer.from('hello'));
  await quiet();
  assert.ok(eager.isPaused);
  assert.not.ok(calm.isPaused);
  assert.is(eager.received.at(-1)?.body.toString(), 'hello');
});

test('who is paused for two slow ones waits for both', async () => {
  const station = new Station();
  const slow = [await station.program('slow1'), await station.program('slow2')];
  const eager = await station.program('eager');
  for (const each of slow) each.setReading(false);
  for (const to of ['slow1', 'slow2']) await pour(eager, to, QUEUE_HIGH_BYTES - PIECE.length);
  assert.not.ok(eager.isPaused);
  const both = ['slow1', 'slow2'].map((to) => eager.frameTo(to, PIECE));
  eager.ours.write(Buffer.concat(both));
  await quiet();
  assert.ok(eager.isPaused);
  slow[0]?.setReading(true);
  await quiet();
  assert.ok(eager.isPaused);
  slow[1]?.setReading(true);
  await quiet();
  assert.not.ok(eager.isPaused);
});

test('when a slow one is gone, who was paused for it goes on', async () => {
  for (const leave of ['abort', 'close'] as const) {
    const station = new Station();
    const slow = await station.program('slow');
    const eager = await station.program('eager');
    slow.setReading(false);
    await pour(eager, 'slow', 2 * QUEUE_HIGH_BYTES);
    assert.ok(eager.isPaused);
    slow.ours[leave]('it is a test');
    await quiet();
    assert.not.ok(eager.isPaused);
  }
});

test('messages that nobody can slow down are dropped, and counted', async () => {
  const station = new Station();
  const slow = await station.program('slow');
  const child = await station.child('child');
  slow.setReading(false);
  await pour(child, 'slow', 2 * QUEUE_DROP_BYTES);
  assert.not.ok(child.isPaused);
  const { queuedBytes } = slow.theirs;
  assert.ok(queuedBytes > QUEUE_DROP_BYTES && queuedBytes < QUEUE_DROP_BYTES + 3 * PIECE.length);
  const sent = (2 * QUEUE_DROP_BYTES) / PIECE.length;
  const { droppedSlowPeer } = station.router.counters;
  slow.setReading(true);
  await quiet();
  const messages = slow.received.filter(({ kind }) => kind === Kind.MESSAGE);
  assert.is(messages.length + droppedSlowPeer, sent);
  child.sendTo('slow', Buffer.from('again'));
  await quiet();
  assert.is(slow.received.at(-1)?.body.toString(), 'again');
});

test('one that has not read for too long is closed', async () => {
  const station = new Station();
  const slow = await station.program('slow');
  const child = await station.child('child');
  slow.setReading(false);
  for (let sent = 0; sent <= QUEUE_CLOSE_BYTES; sent += LARGE.length) {
    child.sendTo('slow', LARGE, Kind.REQUEST);
  }
  await quiet();
  assert.ok(slow.theirs.isClosed);
  assert.is(slow.reasons.length, 1);
  assert.ok(station.eventKinds().includes('serviceDown'));
});

test('one that is sent away and does not read keeps its connection for a while only', async () => {
  const station = new Station();
  const rude = await station.program('rude');
  rude.setReading(false);
  rude.send({ kind: Kind.WELCOME });
  await quiet();
  assert.equal(rude.reasons, []);
  station.clock.advance(STOP_GRACE_MS);
  await quiet();
  assert.is(rude.reasons.length, 1);
});

/** Lets the driver's polling see each change. */
async function finish(station: Station, stopping: Promise<void>): Promise<number> {
  let isOver = false;
  const over = stopping.then(() => {
    isOver = true;
  });
  let ms = 0;
  while (!isOver) {
    await quiet();
    station.clock.advance(5);
    ms += 5;
  }
  await over;
  await quiet();
  return ms;
}

test('stopping says goodbye to everybody, and lets go out what is queued', async () => {
  const station = new Station();
  const printer = await station.program('printer');
  const child = await station.child('child');
  child.sendTo('printer', Buffer.from('last page'));
  await quiet();
  const ms = await finish(station, station.driver.stop(STOP_GRACE_MS));
  assert.ok(ms < 50);
  assert.equal(printer.kinds().slice(-2), [Kind.MESSAGE, Kind.GOODBYE]);
  assert.is(child.kinds().at(-1), Kind.GOODBYE);
  assert.is(printer.reasons.length, 1);
  assert.is(child.reasons.length, 1);
  assert.is(station.clock.timerCount, 0);
});

test('one that does not read cannot keep a daemon from stopping', async () => {
  const station = new Station();
  const slow = await station.program('slow');
  slow.setReading(false);
  const ms = await finish(station, station.driver.stop(STOP_GRACE_MS));
  assert.ok(ms >= STOP_GRACE_MS && ms < STOP_GRACE_MS + 50);
  assert.equal(slow.reasons, ['the other side closed it']);
});

test('who comes while it stops is sent away', async () => {
  const station = new Station();
  await finish(station, station.driver.stop(STOP_GRACE_MS));
  const late = station.connect();
  await quiet();
  assert.is(late.reasons.length, 1);
});

test('a dial that succeeds when it is too late is given up', async () => {
  const station = new Station({ parents: ['cd://parent:1'] });
  const reasons: string[] = [];
  await station.transport.listen('cd://parent:1', (connection) => {
    connection.attach({
      onBytes: () => undefined,
      onClose: (reason) => reasons.push(reason),
      onDrain: () => undefined,
    });
  });
  station.driver.start();
  await finish(station, station.driver.stop(STOP_GRACE_MS));
  await quiet();
  assert.is(reasons.length, 1);
  assert.is(station.clock.timerCount, 0);
});

test.run();
