import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import { PENDING_PER_LINK_MAX } from '../../src/protocol/limits.ts';
import { between, errorOf, frameOf, type Program, TestRouter } from './harness.ts';

function ask(from: string, to: string, more: Partial<FrameFields> = {}): Buffer {
  return frameOf({ kind: Kind.REQUEST, seed: 11, number: 1, ...between(from, to), ...more });
}

function reply(from: string, to: string, more: Partial<FrameFields> = {}): Buffer {
  const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, seed: 11, number: 1 };
  return frameOf({ ...fields, ...between(from, to), ...more });
}

function prepare() {
  const here = new TestRouter('here', { holdMs: 60_000 });
  const a = here.child('a');
  const b = here.child('b');
  return { here, a, b, server: here.program('mail', 'clock') };
}

function countOf(here: TestRouter, server: Program): number | undefined {
  return here.router.links.get(server.link)?.serving.count;
}

test('a service answers what it was asked, once', () => {
  const { here, a, server } = prepare();
  here.bytes(a, ask('a:x', 'here:mail'));
  assert.is(here.sent(server.link)[0]?.kind, Kind.REQUEST);
  here.bytes(server.link, reply('here:mail', 'a:x', { kind: Kind.PROGRESS }));
  assert.is(here.sent(a)[0]?.kind, Kind.PROGRESS);
  here.bytes(server.link, reply('here:mail', 'a:x'));
  assert.is(here.sent(a)[0]?.kind, Kind.REPLY);
  here.bytes(server.link, reply('here:mail', 'a:x'));
  assert.equal(here.outputs, []);
  assert.is(here.router.counters.droppedLate, 1);
  assert.is(countOf(here, server), 0);
});

test('nobody answers for somebody else', () => {
  const { here, a, server } = prepare();
  const other = here.program('other');
  here.bytes(a, ask('a:x', 'here:mail'));
  here.bytes(other.link, reply('here:mail', 'a:x'));
  here.bytes(other.link, reply('here:other', 'a:x'));
  here.bytes(server.link, reply('b:mail', 'a:x'));
  assert.equal(here.sent(a), []);
  assert.is(here.router.counters.droppedLate, 3);
});

test('a service that was given back may still answer what it was asked before', () => {
  const { here, a, server } = prepare();
  here.bytes(a, ask('a:x', 'here:mail'));
  here.bytes(server.link, frameOf({ kind: Kind.UNREGISTER }, { service: 'mail' }));
  here.bytes(server.link, reply('here:mail', 'a:x'));
  assert.is(here.sent(a)[0]?.kind, Kind.REPLY);
});

test('when a serving program dies, its callers hear it at once, near and far', () => {
  const { here, a, b, server } = prepare();
  const near = here.program('near');
  here.bytes(a, ask('a:x', 'here:mail'), ask('a:y', 'here:clock', { number: 2 }));
  here.bytes(b, ask('b:x', 'here:mail', { seed: 12 }));
  here.bytes(near.link, ask('here:near', 'here:mail', { seed: near.seed, number: 3 }));
  here.bytes(a, ask('a:z', 'here:mail', { number: 4 }));
  here.bytes(server.link, reply('here:mail', 'a:z', { number: 4 }));
  here.input({ kind: 'closed', link: server.link, reason: 'killed' });
  const heard = (link: number) =>
    here.sent(link).map((frame) => [frame.number, errorOf(frame)?.code, errorOf(frame)?.values.to]);
  const reason = 'has lost the program that worked on it';
  const values = { to: 'here:mail', node: 'here', reason };
  assert.equal(errorOf(here.sent(a)[0])?.values, values);
  assert.equal(errorOf(here.sent(near.link)[0])?.values, values);
  assert.equal(heard(a), [
    [1, 'E_LOST', 'here:mail'],
    [2, 'E_LOST', 'here:clock'],
  ]);
  assert.equal(heard(b), [[1, 'E_LOST', 'here:mail']]);
  assert.equal(heard(near.link), [[3, 'E_LOST', 'here:mail']]);
});

test('a program that asks itself and dies troubles nobody', () => {
  const { here, server } = prepare();
  here.bytes(server.link, ask('here:clock', 'here:mail', { seed: server.seed }));
  assert.is(here.sent(server.link)[0]?.kind, Kind.REQUEST);
  here.input({ kind: 'closed', link: server.link, reason: 'killed' });
  assert.equal(here.sent(server.link), []);
});

test('askers with one seed and one number are told apart by their nodes', () => {
  const { here, a, b, server } = prepare();
  here.bytes(a, ask('a:x', 'here:mail'));
  here.bytes(b, ask('b:x', 'here:mail'));
  assert.is(countOf(here, server), 2);
  here.bytes(server.link, reply('here:mail', 'a:x'));
  here.input({ kind: 'closed', link: server.link, reason: 'killed' });
  assert.equal(here.sent(a), []);
  assert.is(errorOf(here.sent(b)[0])?.code, 'E_LOST');
});

test('a caller is remembered no longer than it waits', () => {
  const { here, a, server } = prepare();
  here.bytes(a, ask('a:x', 'here:mail', { timeout: 10 }), ask('a:x', 'here:mail', { number: 2 }));
  here.run(2_001);
  assert.is(countOf(here, server), 1);
  here.bytes(server.link, reply('here:mail', 'a:x'));
  assert.equal(here.sent(a), [], 'nobody waits for it');
  here.bytes(server.link, reply('here:mail', 'a:x', { number: 2 }));
  assert.is(here.sent(a)[0]?.kind, Kind.REPLY);
});

test('a service with too many requests without an answer is asked no more', () => {
  const { here, a, server } = prepare();
  for (let number = 0; number < PENDING_PER_LINK_MAX; number += 4_096) {
    const frames = Array.from({ length: 4_096 }, (_, n) =>
      ask('a:x', 'here:mail', { number: number + n }),
    );
    here.bytes(a, ...frames);
  }
  here.bytes(a, ask('a:x', 'here:mail', { number: 77_777 }));
  assert.equal(here.sent(server.link), []);
  assert.is(errorOf(here.sent(a)[0])?.code, 'E_TOO_MANY_REQUESTS');
  here.bytes(server.link, reply('here:mail', 'a:x', { number: 5 }));
  here.bytes(a, ask('a:x', 'here:mail', { number: 77_778 }));
  assert.is(here.sent(server.link).length, 1);
});

test('many askers that are gone are not remembered', () => {
  const { here, a, server } = prepare();
  for (let seed = 1; seed <= 1_000; seed++) {
    here.bytes(a, ask('a:x', 'here:mail', { seed }));
    here.bytes(server.link, reply('here:mail', 'a:x', { seed }));
  }
  const callers = here.router.links.get(server.link)?.serving.callers;
  assert.ok((callers?.size ?? 0) <= 65, `${callers?.size}`);
});

test('an answer to a node that is gone is counted, and its stream stopped', () => {
  const { here, a, server } = prepare();
  here.bytes(a, ask('a:x', 'here:mail'));
  here.input({ kind: 'closed', link: a, reason: 'reset' });
  here.bytes(server.link, reply('here:mail', 'a:x', { kind: Kind.DATA }));
  const [cancel] = here.sent(server.link);
  assert.is(cancel?.kind, Kind.CANCEL);
  assert.is(cancel?.toNode, nodeKeyOf('here'));
  here.bytes(server.link, reply('here:mail', 'a:x'));
  assert.equal(here.outputs, []);
  assert.is(here.router.counters.rejected, 2);
});

test.run();
