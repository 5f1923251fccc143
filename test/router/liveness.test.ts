import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import {
  BACKOFF_MS_MIN,
  CUT_OFF_HOLDS,
  HANDSHAKE_MS_MAX,
  PINGS_PER_HOLD,
} from '../../src/protocol/limits.ts';
import type { RouterOutput } from '../../src/router/io.ts';
import { errorOf, frameOf, open, recordOf, type Sent, TestRouter } from './harness.ts';

const HOLD_MS = 3_000;

function framesOf(outputs: readonly RouterOutput[], link: number): Sent[] {
  return outputs.flatMap((each) =>
    each.kind === 'send' && each.link === link ? open(each.bytes) : [],
  );
}

function pingsOf(outputs: readonly RouterOutput[], link: number): Sent[] {
  return framesOf(outputs, link).filter(({ kind }) => kind === Kind.PING);
}

/** Lets time pass while the other side answers, as it would. */
function runAnswered(here: TestRouter, link: number, ms: number): Sent[] {
  const pings: Sent[] = [];
  for (let at = 0; at < ms; at += 10) {
    pings.push(...pingsOf(here.run(10), link));
    here.bytes(link, frameOf({ kind: Kind.PONG }));
  }
  return pings;
}

test('a link between nodes is pinged three times within its hold time', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const count = runAnswered(here, child, 10 * HOLD_MS).length;
  assert.ok(count >= 10 * (PINGS_PER_HOLD - 0.5) && count <= 10 * PINGS_PER_HOLD, `${count}`);
});

test('programs are not pinged, and may be silent for ever', () => {
  const here = new TestRouter();
  const { link } = here.program('mail');
  const outputs = here.run(100 * HOLD_MS);
  assert.equal(framesOf(outputs, link), []);
  assert.ok(here.router.links.has(link));
  assert.is(here.router.wakeAtMs, Number.POSITIVE_INFINITY);
});

test('PING is answered with its own body', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.bytes(child, frameOf({ kind: Kind.PING }, {}, Buffer.from('when')));
  const [pong] = here.sent(child);
  assert.is(pong?.kind, Kind.PONG);
  assert.is(pong?.body.toString(), 'when');
});

test('the round trip is what passed since the PING that comes back', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const [ping] = pingsOf(here.outputs, child);
  assert.is(here.router.links.get(child)?.rttMs, null);
  here.nowMs += 37;
  here.bytes(child, frameOf({ kind: Kind.PONG }, undefined, ping?.body));
  assert.is(here.router.links.get(child)?.rttMs, 37);
});

test('a PONG that nobody asked for says nothing', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const future = Buffer.alloc(8);
  future.writeDoubleBE(here.nowMs + 1);
  for (const body of [Buffer.alloc(0), Buffer.alloc(9), Buffer.alloc(8), future]) {
    here.nowMs += 2 * HOLD_MS - 3;
    here.bytes(child, frameOf({ kind: Kind.PONG }, undefined, body));
    here.nowMs -= 2 * HOLD_MS - 3;
  }
  assert.is(here.router.links.get(child)?.rttMs, null);
});

test('a link on which nothing was heard for the hold time is dead', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.run(HOLD_MS - 1);
  assert.ok(here.router.links.has(child));
  const outputs = here.run(HOLD_MS / 8);
  assert.is(here.closed(child), 'E_HOLD_TIME');
  const goodbye = framesOf(outputs, child).find(({ kind }) => kind === Kind.GOODBYE);
  assert.is(errorOf(goodbye)?.code, 'E_HOLD_TIME');
  assert.is(here.way('child'), undefined);
});

test('any byte that comes is a sign of life', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const frame = frameOf({ kind: Kind.PONG }, undefined, Buffer.alloc(100));
  for (const byte of frame.subarray(0, 10)) {
    here.run(HOLD_MS / 2);
    here.bytes(child, Buffer.from([byte]));
  }
  assert.ok(here.router.links.has(child));
});

test('a parent with a long hold time pings a child with a short one often enough', () => {
  const here = new TestRouter('here', { holdMs: 60_000 });
  const child = here.accept();
  here.bytes(child, MAGIC, here.hello(recordOf('child'), { holdMs: 300 }));
  const pings = runAnswered(here, child, 3_000);
  assert.ok(pings.length >= 10 * (PINGS_PER_HOLD - 1), `${pings.length}`);
});

test('who does not say who it is within five seconds is closed', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.run(HANDSHAKE_MS_MAX - 1);
  assert.ok(here.router.links.has(link));
  here.run(500);
  assert.is(here.closed(link), 'E_HANDSHAKE_TIMEOUT');
  assert.is(here.sent(link)[0]?.kind, Kind.REFUSE);
});

test('a parent that does not answer HELLO is given up for the next one', () => {
  const here = new TestRouter('here', { parents: ['cd://a:1', 'cd://b:1'] });
  const link = here.dialled();
  here.run(HANDSHAKE_MS_MAX + 500);
  assert.is(here.closed(link), 'E_HANDSHAKE_TIMEOUT');
  assert.ok(here.outputs.some((each) => each.kind === 'dial' && each.url === 'cd://b:1'));
});

test('a node learns its depth with each PING of its parent, and tells its children', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent('above', { depth: 0 });
  const child = here.child('child');
  assert.is(here.router.depth, 1);
  here.bytes(up, frameOf({ kind: Kind.PING }, { depth: 4, realm: 'test' }, Buffer.alloc(8)));
  assert.is(here.router.depth, 5);
  assert.is(here.sent(child)[0]?.head.depth, 5);
  here.bytes(up, frameOf({ kind: Kind.PING }, { depth: 4, realm: 'test' }, Buffer.alloc(8)));
  assert.equal(here.sent(child), []);
});

test('the children of a node that found a parent learn at once what changed by it', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'], realm: null });
  const child = here.child('child');
  here.parent('above', { depth: 2 });
  const [ping] = here.sent(child);
  assert.is(ping?.kind, Kind.PING);
  assert.equal(ping?.head, { depth: 3, realm: 'test', top: 'above' });
});

test('a node learns its realm from its parent, also when that learns it later', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'], realm: null });
  const up = here.parent('above', { realm: null });
  assert.is(here.router.realm, null);
  const child = here.child('child');
  here.bytes(up, frameOf({ kind: Kind.PING }, { depth: 0, realm: 'late' }, Buffer.alloc(8)));
  assert.is(here.router.realm, 'late');
  assert.is(here.sent(child)[0]?.head.realm, 'late', 'and so do its children');
  here.bytes(up, frameOf({ kind: Kind.PING }, { depth: 0, realm: 'other' }, Buffer.alloc(8)));
  assert.is(here.closed(up), 'E_REALM');
});

test('children learn from their parent whether there is a way to the top, and from where', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const child = here.child('child');
  assert.is(here.router.top, null, 'without a parent there is none');
  const up = here.parent('above', { top: 'summit' });
  assert.is(here.sent(child)[0]?.head.top, 'summit');
  const ping = (top: string | null) =>
    here.bytes(up, frameOf({ kind: Kind.PING }, { depth: 0, realm: 'test', top }, Buffer.alloc(8)));
  ping(null);
  assert.is(here.sent(child)[0]?.head.top, null);
  ping('summit');
  here.input({ kind: 'closed', link: up, reason: 'reset' });
  const [told] = here.sent(child);
  assert.is(told?.kind, Kind.PING, 'at once');
  assert.is(told?.head.top, null);
  assert.is(new TestRouter('root').router.top, 'root');
});

/** A node below a parent that has no way to the top; the time for which it stays there. */
function staysMs(parents: readonly string[]): number {
  const here = new TestRouter('here', { parents });
  const up = here.parent('above', { top: null });
  const startMs = here.nowMs;
  while (here.router.links.has(up) && here.nowMs < startMs + 20 * HOLD_MS) {
    here.run(100);
    here.bytes(up, frameOf({ kind: Kind.PONG }));
  }
  return here.nowMs - startMs;
}

test('who has another parent leaves one that has long been cut off from the top', () => {
  const ms = staysMs(['cd://p:1', 'cd://q:1']);
  const dueMs = CUT_OFF_HOLDS * HOLD_MS;
  assert.ok(ms >= dueMs && ms <= dueMs + HOLD_MS / 2, `${ms}`);
  assert.is(staysMs(['cd://p:1']), 20 * HOLD_MS, 'who has no other stays');
});

function dialsIn(outputs: readonly RouterOutput[]): string[] {
  return outputs.flatMap((each) => (each.kind === 'dial' ? [each.url] : []));
}

/** Leaves a parent that is cut off; returns what it dials then. */
function leaveCutOff(here: TestRouter): string[] {
  const up = here.parent('above', { top: null });
  const outputs: RouterOutput[] = [];
  while (here.router.links.has(up)) {
    outputs.push(...here.run(100));
    here.bytes(up, frameOf({ kind: Kind.PONG }));
  }
  outputs.push(...here.run(BACKOFF_MS_MIN));
  const [down] = outputs.flatMap((each) =>
    each.kind === 'event' && each.event.kind === 'uplinkDown' ? [each.event] : [],
  );
  assert.is(down?.error.code, 'E_PARENT_CUT_OFF');
  return dialsIn(outputs);
}

test('who left a parent that was cut off tries the others, and takes one that has a way', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'] });
  assert.equal(leaveCutOff(here), ['cd://q:1']);
  const other = here.dialled();
  here.bytes(other, here.welcome(recordOf('other'), { top: 'root' }));
  assert.is(here.router.uplink.link, other);
});

test('who finds no other with a way to the top is back where it was, at once', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1', 'cd://r:1'] });
  assert.equal(leaveCutOff(here), ['cd://q:1']);
  for (const next of ['cd://r:1', 'cd://p:1']) {
    const other = here.dialled();
    here.bytes(other, here.welcome(recordOf('other'), { top: null }));
    assert.is(here.closed(other), 'E_PARENT_CUT_OFF');
    assert.equal(dialsIn(here.outputs), [next]);
  }
  const back = here.dialled();
  here.bytes(back, here.welcome(recordOf('above'), { top: null }));
  assert.is(here.router.uplink.link, back);
});

test('what cannot be the name of a realm is not taken for one', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'], realm: null });
  const up = here.parent('above', { realm: null });
  for (const realm of ['x'.repeat(60_000), '', 5]) {
    here.bytes(up, frameOf({ kind: Kind.PING }, { depth: 0, realm }, Buffer.alloc(8)));
  }
  assert.is(here.router.realm, null);
});

test('a child cannot say how deep its parent is, or of which realm', () => {
  const here = new TestRouter('here', { realm: null });
  const child = here.child('child');
  here.bytes(child, frameOf({ kind: Kind.PING }, { depth: 9, realm: 'mine' }, Buffer.alloc(8)));
  assert.is(here.router.depth, 0);
  assert.is(here.router.realm, null);
});

test('thousands of links are looked after in few steps', () => {
  const here = new TestRouter();
  for (let n = 0; n < 1_000; n++) {
    here.nowMs += 0.7;
    here.child(`n${n}`);
  }
  let steps = 0;
  for (const endMs = here.nowMs + HOLD_MS / 2; here.nowMs < endMs; steps++) {
    here.nowMs = here.router.wakeAtMs;
    here.input({ kind: 'tick' });
  }
  assert.ok(steps < 30, `${steps} steps`);
});

test.run();
