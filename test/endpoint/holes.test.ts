import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Answering } from '../../src/endpoint/answering.ts';
import { Endpoint } from '../../src/endpoint/endpoint.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { At, encodeFrame, Flag, Kind } from '../../src/protocol/frame.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import { quiet } from './pair.ts';

/** Two endpoints with a way between them that brings what `isHit` names so many `times`. */
function createLossyPair(isHit: (kind: number, nth: number) => boolean, times = 0) {
  const seen = new Map<number, number>();
  const endpoint = (node: string, service: string, other: () => Endpoint): Endpoint =>
    new Endpoint(
      { node, service, seed: node.length },
      {
        schedule: (flush) => queueMicrotask(flush),
        write: (bytes) =>
          eachFrame(bytes, (frame) => {
            const kind = frame[At.KIND] ?? 0;
            const nth = (seen.get(kind) ?? 0) + 1;
            seen.set(kind, nth);
            const count = isHit(kind, nth) ? times : 1;
            for (let time = 0; time < count; time++) other().receive(frame);
          }),
      },
    );
  const here: Endpoint = endpoint('here', 'asker', () => there);
  const there: Endpoint = endpoint('there', 'dagent', () => here);
  return { here, there };
}

async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'reply';
  } catch (error) {
    return (error as DagentError).code;
  }
}

/** Streams three pieces and an end, then replies. */
function answer(exchange: Answering): void {
  for (const word of ['one', 'two', 'three']) exchange.write(1, Buffer.from(word));
  exchange.end(1);
  exchange.reply();
}

test('a stream that arrives whole is followed by its reply', async () => {
  const { here, there } = createLossyPair(() => false);
  there.handle('dagent', { onRequest: answer });
  const asking = here.request({ to: 'there:', command: 'WORK' });
  assert.is(await outcomeOf(asking.outcome), 'reply');
});

for (const [what, kind, nth] of [
  ['a piece in the middle', Kind.DATA, 2],
  ['the last piece', Kind.DATA, 3],
  ['the end of a channel', Kind.END, 1],
] as const) {
  test(`when ${what} is missing, no reply is believed and nothing behind it is read`, async () => {
    const { here, there } = createLossyPair((k, n) => k === kind && n === nth);
    there.handle('dagent', { onRequest: answer });
    const asking = here.request({ to: 'there:', command: 'WORK' });
    const heard: string[] = [];
    asking.onData = (_, bytes) => heard.push(bytes.toString());
    assert.is(await outcomeOf(asking.outcome), 'E_STREAM_BROKEN');
    assert.equal(heard, ['one', 'two', 'three'].slice(0, kind === Kind.DATA ? nth - 1 : 3));
  });
}

test('who answers stops when a piece of what it is sent is missing', async () => {
  const { here, there } = createLossyPair((kind, nth) => kind === Kind.DATA && nth === 1);
  let cancelCount = 0;
  const heard: string[] = [];
  there.handle('dagent', {
    onRequest(exchange) {
      exchange.onData = (_, bytes) => heard.push(bytes.toString());
      exchange.onCancel = () => cancelCount++;
    },
  });
  const asking = here.request({ to: 'there:', command: 'WORK' });
  await quiet();
  asking.write(0, Buffer.from('one'));
  asking.write(0, Buffer.from('two'));
  assert.is(await outcomeOf(asking.outcome), 'E_STREAM_BROKEN');
  assert.is(cancelCount, 1);
  assert.equal(heard, []);
});

test('a piece that comes twice is taken once, and the stream goes on', async () => {
  const { here, there } = createLossyPair((kind) => kind === Kind.DATA, 2);
  there.handle('dagent', { onRequest: answer });
  const asking = here.request({ to: 'there:', command: 'WORK' });
  const heard: string[] = [];
  asking.onData = (_, bytes) => heard.push(bytes.toString());
  assert.is(await outcomeOf(asking.outcome), 'reply');
  assert.equal(heard, ['one', 'two', 'three']);
});

/** What reminds an asker of an exchange: its node does so with its probes. */
function remind(here: Endpoint, number: number): void {
  const fields = { kind: Kind.PROBE, flags: Flag.RESPONSE, seed: 4, number };
  here.receive(encodeFrame(fields));
}

test('leave to go on that was lost is given once more when nothing moves', async () => {
  let isLosing = true;
  const { here, there } = createLossyPair((kind) => kind === Kind.CREDIT && isLosing);
  there.handle('dagent', {
    onRequest(exchange) {
      exchange.write(1, Buffer.alloc(3 * STREAM_WINDOW_BYTES));
      exchange.end(1);
      exchange.reply();
    },
  });
  const asking = here.request({ to: 'there:', command: 'WORK' });
  let heardBytes = 0;
  asking.onData = (_, bytes) => {
    heardBytes += bytes.length;
    asking.grant(bytes.length);
  };
  await quiet();
  assert.is(heardBytes, STREAM_WINDOW_BYTES);
  isLosing = false;
  remind(here, asking.number);
  await quiet();
  assert.is(heardBytes, STREAM_WINDOW_BYTES, 'something had moved: it may go on by itself');
  remind(here, asking.number);
  assert.is(await outcomeOf(asking.outcome), 'reply');
  assert.is(heardBytes, 3 * STREAM_WINDOW_BYTES);
});

test('the last piece that was lost shows when nothing moves', async () => {
  const { here, there } = createLossyPair((kind, nth) => kind === Kind.DATA && nth === 2);
  there.handle('dagent', {
    onRequest(exchange) {
      exchange.write(1, Buffer.from('one'));
      exchange.write(1, Buffer.from('two'));
    },
  });
  const asking = here.request({ to: 'there:', command: 'WORK' });
  await quiet();
  remind(here, asking.number);
  remind(here, asking.number);
  assert.is(await outcomeOf(asking.outcome), 'E_STREAM_BROKEN');
});

test('an exchange without streams says nothing when it is reminded', async () => {
  let credits = 0;
  const { here, there } = createLossyPair((kind) => {
    if (kind === Kind.CREDIT) credits++;
    return false;
  });
  there.handle('dagent', { onRequest: () => undefined });
  const asking = here.request({ to: 'there:', command: 'WORK' });
  for (let round = 0; round < 3; round++) {
    await quiet();
    remind(here, asking.number);
  }
  await quiet();
  assert.is(credits, 0);
});

test.run();
