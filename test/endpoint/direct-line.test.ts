import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '../../src/endpoint/endpoint.ts';
import type { Line } from '../../src/endpoint/line.ts';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { encodeFrame, Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import { PENDING_PER_LINK_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { createPair, listen, quiet, SEED_HERE } from './pair.ts';

/** A direct line of an endpoint; what goes out by it is kept. */
function openLine(endpoint: Endpoint, admits: () => boolean): { line: Line; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const sink = {
    write: (bytes: Buffer) => sent.push(Buffer.from(bytes)),
    schedule: (flush: () => void) => queueMicrotask(flush),
  };
  return { line: endpoint.openDirect(sink, admits), sent };
}

function messageFrame(more: Partial<FrameFields> = {}): Buffer {
  const fields = {
    kind: Kind.MESSAGE,
    toNode: nodeKeyOf('there'),
    toService: serviceKeyOf('printer'),
    fromNode: nodeKeyOf('here'),
    fromService: serviceKeyOf('asker'),
    seed: SEED_HERE,
    number: 1,
    ...more,
  };
  return encodeFrame(fields, pack({ from: 'here:asker', to: 'there:printer', cmd: 'PRINT' }));
}

test('by a direct line comes what it admits; all else is dropped and counted', () => {
  const pair = createPair();
  const heard = listen(pair);
  pair.there.receive(messageFrame(), openLine(pair.there, () => true).line);
  assert.is(heard.length, 1);
  pair.there.receive(messageFrame(), openLine(pair.there, () => false).line);
  assert.is(heard.length, 1);
  assert.is(pair.there.counters.forged, 1);
});

test('a line frame that comes by a direct line is no word of the daemon', () => {
  const pair = createPair();
  pair.there.onLinkFrame = () => assert.unreachable('it was believed');
  const goodbye = encodeFrame({ kind: Kind.GOODBYE });
  pair.there.receive(goodbye, openLine(pair.there, () => true).line);
});

test('a message by a direct line is reported by its receiver', async () => {
  const pair = createPair();
  listen(pair);
  const { line, sent } = openLine(pair.there, () => true);
  pair.there.receive(messageFrame({ flags: Flag.REPORT, number: 9 }), line);
  await quiet();
  assert.is(sent.length, 1);
  assert.is(sent[0]?.[4], Kind.REPLY);
});

test('an answer is taken by the line that was asked, and by no other', async () => {
  const pair = createPair();
  const [mine, other] = [openLine(pair.here, () => false), openLine(pair.here, () => false)];
  pair.here.laneOf('here:printer').line = mine.line;
  const asking = pair.here.request({ to: 'here:printer', command: 'ASK' });
  const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, seed: SEED_HERE };
  const reply = (text: string): Buffer =>
    encodeFrame({ ...fields, number: asking.number }, undefined, Buffer.from(text));
  pair.here.receive(reply('daemon'));
  pair.here.receive(reply('other'), other.line);
  pair.here.receive(reply('mine'), mine.line);
  assert.is((await asking.outcome).data.toString(), 'mine');
});

test('what libraries say to each other no service hears', async () => {
  const pair = createPair();
  pair.there.handle('printer', { onRequest: () => assert.unreachable('it was heard') });
  const { outcome } = pair.here.request({ to: 'there:printer', command: '~direct.open' });
  assert.is((await outcome.catch((error) => error)).code, 'E_NOT_UNDERSTOOD');
});

test('a direct line has as many requests open as one to a daemon', async () => {
  const pair = createPair();
  pair.here.laneOf('here:printer').line = openLine(pair.here, () => false).line;
  const out = { to: 'here:printer', command: 'ASK' };
  for (let count = 0; count < PENDING_PER_LINK_MAX; count++) pair.here.request(out);
  const error = await pair.here.request(out).outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_TOO_MANY_REQUESTS');
  pair.here.close(new DagentError('E_LEAVING', { node: 'here' }));
});

test('more destinations than are remembered do not take its line from a lane', () => {
  const pair = createPair();
  const lane = pair.here.laneOf('here:printer');
  lane.isPinned = true;
  for (let index = 0; index < 10_000; index++) {
    pair.here.send({ to: `s${index}`, command: 'PRINT' });
    pair.here.send({ to: 'here:printer', command: `C${index}` });
  }
  assert.is(pair.here.laneOf('here:printer'), lane);
});

test.run();
