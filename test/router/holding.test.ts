import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import {
  AWAY_MAX,
  BODY_BYTES_MAX,
  HELD_BYTES_MAX,
  HELD_BYTES_PER_RECEIVER_MAX,
  HELD_MS_DEFAULT,
  HELD_MS_MAX,
  HELD_MS_MIN,
  HELD_PER_RECEIVER_MAX,
  PROBE_MS,
  RELEASE_BYTES_MAX,
} from '../../src/protocol/limits.ts';
import { noteAwayService } from '../../src/router/away.ts';
import type { LinkId } from '../../src/router/io.ts';
import { between, errorOf, frameOf, recordOf, type Sent, TestRouter } from './harness.ts';

const LASTING = { holdMs: 100_000_000 };

/** A top with two children, of which `b` has gone, and had `mail`. */
function prepare() {
  const here = new TestRouter('here', LASTING);
  const a = here.child('a');
  const b = here.child('b', { services: ['mail'] });
  for (const link of here.router.links.values()) link.holdMs = LASTING.holdMs;
  here.input({ kind: 'closed', link: b, reason: 'reset' });
  here.run(100);
  return { here, a };
}

/** The child `b` comes back. */
function comeBack(here: TestRouter, services: readonly string[] = ['mail']): LinkId {
  const link = here.child('b', { services, incarnation: 2 });
  const known = here.router.links.get(link);
  if (known !== undefined) known.holdMs = LASTING.holdMs;
  return link;
}

function message(to: string, number: number, more: Partial<FrameFields> = {}, body?: Buffer) {
  const id = { seed: 5, number };
  return frameOf({ kind: Kind.MESSAGE, ...id, ...between('a:asker', to), ...more }, {}, body);
}

const REPORT = { flags: Flag.REPORT };

function messages(frames: readonly Sent[]): number[] {
  return frames.filter(({ kind }) => kind === Kind.MESSAGE).map(({ number }) => number);
}

function words(frames: readonly Sent[]): unknown[] {
  return frames
    .filter(({ kind }) => kind === Kind.PROGRESS || kind === Kind.REJECT || kind === Kind.REPLY)
    .map((frame) => errorOf(frame)?.code ?? frame.head.value ?? 'REPLY');
}

test('what is sent to a node that is lost goes there in its order when it is back', () => {
  const { here, a } = prepare();
  here.bytes(a, message('b:mail', 1), message('b:mail', 2), message('b:print', 3));
  here.bytes(a, message('b:mail', 4));
  assert.equal(
    here.outputs.filter(({ kind }) => kind === 'send'),
    [],
  );
  const b = comeBack(here, ['mail', 'print']);
  assert.equal(messages(here.sent(b)), [1, 2, 4, 3]);
  assert.equal(
    here
      .sent(b)
      .map(({ channel }) => channel)
      .slice(-4),
    [1, 1, 1, 1],
  );
  const { held, heldReleased } = here.router.counters;
  assert.equal([held, heldReleased], [4, 4]);
  here.bytes(a, message('b:mail', 5));
  assert.equal(
    here.sent(b).map(({ channel }) => channel),
    [0],
  );
});

test('a node that is back without the service has to wait for it', () => {
  const { here, a } = prepare();
  here.bytes(a, message('b:mail', 1));
  const b = comeBack(here, []);
  assert.equal(messages(here.sent(b)), []);
  here.advertise(b, {
    record: recordOf('b', { services: ['mail'], incarnation: 2, revision: 1 }),
    metric: 0,
  });
  assert.equal(messages(here.sent(b)), [1]);
});

test('a node that said goodbye, or was lost long ago, is known still', () => {
  const { here, a } = prepare();
  here.run(120_000);
  assert.is(here.router.nodes.size, 1);
  here.bytes(a, message('b:mail', 1, REPORT));
  assert.equal(words(here.sent(a)), [{ state: 'cached', node: 'here', ms: HELD_MS_DEFAULT }]);
  here.bytes(a, message('never:mail', 2, REPORT));
  assert.equal(words(here.sent(a)), ['E_UNREACHABLE'], 'one that was never here is not');
});

test('what is sent to a service that is away is kept until it registers again', () => {
  const { here, a } = prepare();
  const first = here.program('mail');
  here.input({ kind: 'closed', link: first.link, reason: 'killed' });
  here.bytes(a, message('here:mail', 1), message('here:mail', 2, REPORT));
  assert.is(words(here.sent(a)).length, 1);
  here.bytes(a, message('here:other', 3, REPORT));
  assert.equal(words(here.sent(a)), ['E_NO_SERVICE']);
  const second = here.program();
  assert.is(here.register(second.link, 'mail'), undefined);
  assert.equal(
    here.sent(second.link).map(({ kind }) => kind),
    [Kind.REGISTERED, Kind.MESSAGE, Kind.MESSAGE],
  );
  assert.equal(words(here.sent(a)), ['REPLY']);
});

test('it is kept for as long as it says, to the millisecond where that is long', () => {
  const { here, a } = prepare();
  const long = [3 * 3_600_000 + 7, 2 * HELD_MS_MAX, 'x'].map((ttl, at) => {
    const id = { seed: 5, number: at + 1, timeout: 0xffff, ...REPORT };
    return frameOf({ kind: Kind.MESSAGE, ...id, ...between('a:asker', 'b:mail') }, { ttl });
  });
  here.bytes(a, ...long, message('b:mail', 4, { ...REPORT, timeout: 0xfffe }));
  const kept = words(here.sent(a)).map((word) => (word as { ms: number }).ms);
  assert.equal(kept, [3 * 3_600_000 + 7, HELD_MS_MAX, HELD_MS_MAX, 6_553_400]);
});

test('its sender hears that it is kept, then that it goes on, or that its time is over', () => {
  const { here, a } = prepare();
  here.bytes(a, message('b:mail', 1, REPORT), message('b:mail', 2, { ...REPORT, timeout: 1 }));
  assert.is(words(here.sent(a)).length, 2);
  here.run(HELD_MS_MIN + 2_000);
  assert.equal(words(here.sent(a)), ['E_EXPIRED']);
  const [reject] = here.sent(a).filter(({ kind }) => kind === Kind.REJECT);
  assert.equal(errorOf(reject)?.values, { to: 'b', node: 'here', ms: HELD_MS_MIN });
  comeBack(here);
  const [word] = here.sent(a).filter(({ kind }) => kind === Kind.PROGRESS);
  assert.equal(word?.head.value, { state: 'sent' });
  assert.is(word?.fromNode, nodeKeyOf('b'));
  assert.is(here.router.counters.heldExpired, 1);
});

test('what says so is not kept, and no request is', () => {
  const { here, a } = prepare();
  here.bytes(a, message('b:mail', 1, { flags: Flag.REPORT | Flag.NO_CACHE }));
  assert.equal(words(here.sent(a)), ['E_UNREACHABLE']);
  here.bytes(a, message('b:mail', 2, { kind: Kind.REQUEST }));
  assert.equal(words(here.sent(a)), ['E_UNREACHABLE']);
  here.bytes(a, message('b:mail', 3, { flags: Flag.NO_CACHE }));
  assert.is(here.router.counters.held, 0);
});

test('a program of this node that reports hears the same, and its outcome from there', () => {
  const { here } = prepare();
  const program = here.program('asker');
  const id = { seed: program.seed, number: 9, ...REPORT };
  here.bytes(program.link, message('b:mail', 9, { ...id, ...between('here:asker', 'b:mail') }));
  assert.equal(words(here.sent(program.link)), [
    { state: 'cached', node: 'here', ms: HELD_MS_DEFAULT },
  ]);
  const b = comeBack(here);
  assert.equal(messages(here.sent(b)), [9]);
  assert.is(here.router.links.get(program.link)?.pending.get(9)?.toNode, nodeKeyOf('b'));
  const reply = { kind: Kind.REPLY, flags: Flag.RESPONSE, ...between('b:mail', 'here:asker') };
  here.bytes(b, frameOf({ ...reply, seed: program.seed, number: 9 }));
  assert.equal(words(here.sent(program.link)), ['REPLY']);
});

test('a message that goes on and whose receiver is lost again is lost', () => {
  const { here } = prepare();
  const program = here.program('asker');
  const id = { seed: program.seed, number: 9, ...REPORT };
  here.bytes(program.link, message('b:mail', 9, { ...id, ...between('here:asker', 'b:mail') }));
  const b = comeBack(here);
  here.input({ kind: 'closed', link: b, reason: 'reset' });
  assert.equal(words(here.sent(program.link)), ['E_LOST']);
});

test('a node asks those who keep a message of its programs whether they still do', () => {
  const there = new TestRouter('there', { parents: ['cd://parent:1'], ...LASTING });
  const up = there.parent('here', LASTING);
  const program = there.program('asker');
  const addresses = between('there:asker', 'b:mail');
  there.bytes(program.link, message('b:mail', 1, { seed: program.seed, ...addresses, ...REPORT }));
  const { here, a } = prepare();
  here.bytes(a, message('b:mail', 1, { seed: program.seed, ...addresses, ...REPORT }));
  const back = { flags: Flag.RESPONSE, ...between('b:x', 'there:asker'), seed: program.seed };
  const cached = { kind: Kind.PROGRESS, ...back, fromNode: here.router.key, number: 1 };
  there.bytes(up, frameOf(cached, { value: { state: 'cached' } }));
  there.run(PROBE_MS + 10);
  const probe = there.sent(up).find(({ kind }) => kind === Kind.PROBE);
  assert.is(probe?.toNode, here.router.key);
  const { kind = 0, toNode = 0, fromNode = 0, seed = 0, number = 0, body } = probe ?? {};
  here.bytes(a, frameOf({ kind, toNode, fromNode, seed, number }, undefined, body));
  assert.equal(here.outputs, [], 'all is well');
  here.run(HELD_MS_DEFAULT + 2_000);
  here.bytes(a, frameOf({ kind, toNode, fromNode, seed, number }, undefined, body));
  assert.is(here.router.counters.heldExpired, 1);
});

test('one more than is kept for a receiver costs its oldest, whose sender is told', () => {
  const { here, a } = prepare();
  here.bytes(a, message('b:mail', 0, REPORT));
  for (let number = 1; number <= HELD_PER_RECEIVER_MAX; number++) {
    here.bytes(a, message('b:mail', number));
  }
  assert.equal(words(here.sent(a)), ['E_CACHE_FULL']);
  assert.is(here.router.holding.all.size, HELD_PER_RECEIVER_MAX);
  assert.is(here.router.counters.heldDisplaced, 1);
});

test('who hears that its message is kept has heard before whose place it took', () => {
  const { here, a } = prepare();
  for (let number = 0; number < HELD_PER_RECEIVER_MAX; number++) {
    here.bytes(a, message('b:mail', number, REPORT));
  }
  here.sent(a);
  here.bytes(a, message('b:mail', HELD_PER_RECEIVER_MAX, REPORT));
  const kept = { state: 'cached', node: 'here', ms: HELD_MS_DEFAULT };
  assert.equal(words(here.sent(a)), ['E_CACHE_FULL', kept]);
});

test('so do more bytes, for one receiver or in all', () => {
  const { here, a } = prepare();
  const body = Buffer.alloc(BODY_BYTES_MAX);
  const fitting = Math.floor(HELD_BYTES_PER_RECEIVER_MAX / BODY_BYTES_MAX);
  for (let number = 1; number <= fitting; number++) {
    here.bytes(a, message('b:mail', number, {}, body));
  }
  assert.is(here.router.holding.all.size, fitting - 1);
  const each = Buffer.alloc(HELD_BYTES_PER_RECEIVER_MAX / 2 - 1_000);
  const count = Math.ceil(HELD_BYTES_MAX / each.length) + 2;
  for (let number = 1; number <= count; number++) {
    here.bytes(a, message(`b:s${number}`, number, {}, each));
  }
  assert.ok(here.router.holding.bytes <= HELD_BYTES_MAX);
  assert.ok(here.router.holding.all.size >= count - 4);
  const [oldest] = here.router.holding.all;
  assert.is.not(oldest?.header.toService, between('a:x', 'b:mail').toService);
});

test('what is kept goes on in portions, and not into a link that is full', () => {
  const { here, a } = prepare();
  const body = Buffer.alloc(RELEASE_BYTES_MAX / 2);
  for (let number = 1; number <= 3; number++) {
    here.bytes(a, message('b:mail', number, {}, body));
  }
  const b = comeBack(here);
  assert.equal(messages(here.sent(b)), [1]);
  here.input({ kind: 'congested', link: b, isCongested: true });
  here.run(1_000);
  assert.equal(messages(here.sent(b)), []);
  here.input({ kind: 'congested', link: b, isCongested: false });
  assert.equal(messages(here.sent(b)), [2]);
  here.run(100);
  assert.equal(messages(here.sent(b)), [3]);
  assert.is(here.router.holding.bytes, 0);
  assert.is(here.router.holding.receivers.size, 0);
});

test('more that are away than are remembered cost those that went first', () => {
  const { router } = new TestRouter('here');
  for (let key = 1; key <= AWAY_MAX + 1; key++) noteAwayService(router, key, `s${key}`);
  assert.is(router.holding.away.services.size, AWAY_MAX);
  assert.not.ok(router.holding.away.services.has(1));
});

test.run();
