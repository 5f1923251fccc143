import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Flag, Kind } from '../../src/protocol/frame.ts';
import { HOPS_MAX } from '../../src/protocol/limits.ts';
import { parseTraced, type Traced } from '../../src/protocol/traced.ts';
import { between, frameOf, recordOf, type Sent, TestRouter } from './harness.ts';

const ROOT = { role: 'root', parents: [] } as const;
const TRACE = Flag.TRACE;
const DRY = Flag.TRACE | Flag.DRY;

/** The words about the way among frames. */
function wordsOf(frames: readonly Sent[]): Traced[] {
  return frames.flatMap(({ kind, head }) => {
    const traced = kind === Kind.TRACED ? parseTraced(head) : undefined;
    return traced === undefined ? [] : [traced];
  });
}

function kindsOf(frames: readonly Sent[]): number[] {
  return frames.map(({ kind }) => kind);
}

/** A request from another node, which passed so many links before. */
function requestFrom(from: string, to: string, more: { flags: number; hops?: number }): Buffer {
  const fields = { kind: Kind.REQUEST, seed: 9, number: 4, hops: HOPS_MAX, ...more };
  return frameOf({ ...fields, ...between(from, to) }, { from, to, cmd: 'PING' });
}

test('a node on the way tells the sender where a traced request went, and why', () => {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const db = here.child('db');
  here.bytes(db, requestFrom('db:~1', 'web:shop', { flags: TRACE, hops: HOPS_MAX - 2 }));
  assert.equal(kindsOf(here.sent(web)), [Kind.REQUEST]);
  const [word] = wordsOf(here.sent(db));
  assert.equal(word, {
    ...{ hop: 3, node: 'here', role: 'root', fate: 'forwarded', error: null },
    from: { name: 'db', role: 'child', rttMs: null },
    to: { name: 'web', role: 'child', rttMs: null },
    ...{ why: 'route', chosen: 'web', metric: 1 },
  });
  const [frame] = here.sent(db);
  assert.equal([frame?.seed, frame?.number, frame?.flags], [9, 4, Flag.RESPONSE]);
});

test('what is not traced makes no word', () => {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const db = here.child('db');
  here.bytes(db, requestFrom('db:~1', 'web:shop', { flags: 0 }));
  assert.equal([kindsOf(here.sent(web)), kindsOf(here.sent(db))], [[Kind.REQUEST], []]);
});

test('a traced message or answer that nobody waits for makes no word', () => {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const db = here.child('db');
  const to = between('db:~1', 'web:shop');
  here.bytes(db, frameOf({ kind: Kind.MESSAGE, flags: TRACE, ...to }, {}));
  assert.equal([kindsOf(here.sent(web)), kindsOf(here.sent(db))], [[Kind.MESSAGE], []]);
  here.bytes(db, frameOf({ kind: Kind.REPLY, flags: TRACE | Flag.RESPONSE, ...to }, {}));
  assert.equal([kindsOf(here.sent(web)), kindsOf(here.sent(db))], [[Kind.REPLY], []]);
});

test('the nearest of a service is named, and so is the default route', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const above = here.parent('above');
  const web = here.child('web', { services: ['shop'] });
  const db = here.child('db');
  here.bytes(db, requestFrom('db:~1', 'shop', { flags: TRACE }));
  assert.is(here.sent(web).length, 1);
  const [nearest] = wordsOf(here.sent(db));
  assert.equal([nearest?.why, nearest?.chosen, nearest?.metric], ['anycast', 'web', 1]);
  here.bytes(db, requestFrom('db:~1', 'far:shop', { flags: TRACE }));
  assert.is(here.sent(above).length, 1);
  const [up] = wordsOf(here.sent(db));
  assert.equal([up?.why, up?.chosen, up?.to?.role], ['default', null, 'parent']);
});

test('the node of the receiver says that it was delivered', () => {
  const here = new TestRouter('here', ROOT);
  const db = here.child('db');
  const { link } = here.program('shop');
  here.bytes(db, requestFrom('db:~1', 'here:shop', { flags: TRACE }));
  assert.equal(kindsOf(here.sent(link)), [Kind.REQUEST]);
  const [word] = wordsOf(here.sent(db));
  assert.equal([word?.fate, word?.why, word?.to?.name], ['delivered', 'local', 'shop']);
});

test('a dry request is not delivered, and ends well', () => {
  const here = new TestRouter('here', ROOT);
  const db = here.child('db');
  const { link } = here.program('shop');
  here.bytes(db, requestFrom('db:~1', 'here:shop', { flags: DRY }));
  assert.equal(here.sent(link), []);
  assert.equal(kindsOf(here.sent(db)), [Kind.TRACED, Kind.REPLY]);
  assert.is(wordsOf(here.sent(db))[0]?.fate, 'dry');
  assert.is(here.router.counters.endedDry, 1);
  assert.is(here.router.counters.framesDelivered, 0);
});

test('a dry message without anybody who waits is counted', () => {
  const here = new TestRouter('here', ROOT);
  const db = here.child('db');
  const { link } = here.program('shop');
  const to = between('db:~1', 'here:shop');
  here.bytes(db, frameOf({ kind: Kind.MESSAGE, flags: Flag.DRY, ...to }, {}));
  assert.equal([here.sent(link), here.sent(db)], [[], []]);
  assert.is(here.router.counters.endedDry, 1);
});

test('where it ends, the word comes before the outcome and has its error', () => {
  const here = new TestRouter('here', ROOT);
  const db = here.child('db');
  for (const [to, code] of [
    ['here:nothing', 'E_NO_SERVICE'],
    ['nobody:shop', 'E_UNREACHABLE'],
  ] as const) {
    here.bytes(db, requestFrom('db:~1', to, { flags: TRACE }));
    assert.equal(kindsOf(here.sent(db)), [Kind.TRACED, Kind.REJECT]);
    const [word] = wordsOf(here.sent(db));
    assert.equal([word?.fate, word?.error?.code, word?.to], ['rejected', code, null]);
  }
});

test('a traced request that used up its hops says so', () => {
  const here = new TestRouter('here', ROOT);
  const db = here.child('db');
  here.child('web');
  here.bytes(db, requestFrom('db:~1', 'web:shop', { flags: TRACE, hops: 0 }));
  const [word] = wordsOf(here.sent(db));
  assert.equal([word?.hop, word?.error?.code], [HOPS_MAX, 'E_HOP_LIMIT']);
});

test('a program of this node hears of the first hop before all else', () => {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const { link, endpoint, seed } = here.program();
  const ask = (to: string, number: number): Buffer => {
    const fields = { kind: Kind.REQUEST, flags: TRACE, seed, number };
    return frameOf({ ...fields, ...between(`here:${endpoint}`, to) }, {});
  };
  here.bytes(link, ask('web:shop', 1));
  assert.equal(kindsOf(here.sent(web)), [Kind.REQUEST]);
  const [first] = wordsOf(here.sent(link));
  assert.equal([first?.hop, first?.from.role, first?.why], [0, 'client', 'route']);
  here.bytes(link, ask('here:nothing', 2));
  assert.equal(kindsOf(here.sent(link)), [Kind.TRACED, Kind.REJECT]);
  here.bytes(link, ask('here:dagent', 3));
  assert.is(wordsOf(here.sent(link))[0]?.fate, 'delivered');
});

test('a word about a request that is over is dropped and counted', () => {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const { link, endpoint } = here.program();
  const to = between('web:~0', `here:${endpoint}`);
  here.bytes(web, frameOf({ kind: Kind.TRACED, flags: Flag.RESPONSE, ...to }, {}));
  assert.equal(here.sent(link), []);
  assert.is(here.router.counters.droppedLate, 1);
});

test('the last round trip of the link is told', () => {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const db = here.child('db', recordOf('db'));
  const outgoing = here.router.links.get(web);
  if (outgoing !== undefined) outgoing.rttMs = 1.25;
  here.bytes(db, requestFrom('db:~1', 'web:shop', { flags: TRACE }));
  assert.is(wordsOf(here.sent(db))[0]?.to?.rttMs, 1.25);
});

test.run();
