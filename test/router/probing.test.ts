import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import { PROBE_MS, PROBE_REQUESTS_MAX } from '../../src/protocol/limits.ts';
import {
  between,
  errorOf,
  frameOf,
  type Program,
  recordOf,
  type Sent,
  TestRouter,
} from './harness.ts';

const AGENT = { parents: ['cd://parent:1'], holdMs: 600_000 };

function prepare() {
  const here = new TestRouter('here', AGENT);
  const up = here.parent('above', { holdMs: 600_000 });
  return { here, up, program: here.program('asker') };
}

function request(program: Program, to: string, number = 1): Buffer {
  const id = { seed: program.seed, number, timeout: 0xffff };
  return frameOf({ kind: Kind.REQUEST, ...id, ...between('here:asker', to) });
}

function probesOf(frames: readonly Sent[]): Sent[] {
  return frames.filter(({ kind }) => kind === Kind.PROBE);
}

function outcomes(here: TestRouter, { link }: Program): (string | undefined)[] {
  return here.sent(link).map((frame) => errorOf(frame)?.code);
}

/** A probe, or what comes of it, as it comes back by the parent. */
function back(probe: Sent | undefined, kind: Kind, from: string, body?: Buffer): Buffer {
  const { seed = 0, number = 0 } = probe ?? {};
  const addresses = { toNode: nodeKeyOf('here'), toService: 0, fromNode: nodeKeyOf(from) };
  const reason = 'has lost the way from a to far';
  const error = { code: 'E_UNREACHABLE', values: { to: 'far', node: from, reason }, origin: from };
  const fields: FrameFields = { kind, flags: Flag.RESPONSE, ...addresses, seed, number };
  return frameOf(fields, kind === Kind.REJECT ? { error } : undefined, body);
}

test('requests that went to the parent are asked after, all that one node answers at once', () => {
  const { here, up, program } = prepare();
  here.bytes(program.link, request(program, 'far:x'), request(program, 'far:y', 2));
  here.bytes(program.link, request(program, 'other:x', 3));
  here.run(PROBE_MS - 1);
  assert.equal(probesOf(here.sent(up)), []);
  here.run(2);
  const probes = probesOf(here.sent(up));
  assert.equal(
    probes.map(({ toNode, toService, body }) => [toNode, toService, body.length]),
    [
      [nodeKeyOf('far'), 0, 24],
      [nodeKeyOf('other'), 0, 12],
    ],
  );
  here.run(PROBE_MS);
  assert.is(probesOf(here.sent(up)).length, 2, 'and again');
});

test('programs hear that their requests are asked after, but not of messages', () => {
  const { here, program } = prepare();
  const report = { kind: Kind.MESSAGE, flags: Flag.REPORT, seed: program.seed, number: 2 };
  const message = frameOf({ ...report, ...between('here:asker', 'far:x') });
  here.bytes(program.link, request(program, 'far:x'), message);
  here.run(PROBE_MS + 1);
  assert.equal(
    here.sent(program.link).map(({ kind, flags, number }) => [kind, flags, number]),
    [[Kind.PROBE, Flag.RESPONSE, 1]],
  );
});

test('who asks nothing upwards probes nobody', () => {
  const { here, up, program } = prepare();
  const child = here.child('child');
  here.bytes(program.link, request(program, 'child:x'));
  for (let round = 0; round < 5; round++) {
    here.run(PROBE_MS);
    assert.equal([...probesOf(here.sent(up)), ...probesOf(here.sent(child))], []);
  }
});

/** The probes that a child, which is heard all the time, gets meanwhile. */
function probesWithin(here: TestRouter, child: number, ms: number): Sent[] {
  const probes: Sent[] = [];
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    here.run(1_000);
    probes.push(...probesOf(here.sent(child)));
    here.bytes(child, frameOf({ kind: Kind.PONG }));
  }
  return probes;
}

test('what is asked below while ways lead over peers is asked after also when none does', () => {
  const { here, program } = prepare();
  const child = here.child('child', { parent: 'here' });
  const word = { record: recordOf('deep', { parent: 'child' }), metric: 1 };
  here.advertise(child, { ...word, isBeside: true });
  here.bytes(program.link, request(program, 'deep:x'));
  here.advertise(child, word);
  assert.is(here.router.besideCount, 0);
  here.bytes(program.link, request(program, 'deep:y', 2));
  assert.is(probesWithin(here, child, 3 * PROBE_MS + 1_000).length, 3);
});

test('what is asked below is asked after from when ways lead over peers', () => {
  const { here, program } = prepare();
  const child = here.child('child', { parent: 'here' });
  here.bytes(program.link, request(program, 'child:x'));
  assert.equal(probesWithin(here, child, 3 * PROBE_MS), []);
  const peer = here.peer('peer');
  here.advertise(peer, { record: recordOf('peer'), metric: 0 });
  here.input({ kind: 'closed', link: peer, reason: 'reset' });
  assert.is(probesWithin(here, child, PROBE_MS + 1_000).length, 1);
});

test('a probe that cannot go on ends all requests to that node, and no others', () => {
  const { here, up, program } = prepare();
  here.bytes(program.link, request(program, 'far:x'), request(program, 'far:y', 2));
  here.bytes(program.link, request(program, 'other:x', 3));
  here.run(PROBE_MS);
  const [probe] = probesOf(here.sent(up));
  here.bytes(program.link, request(program, 'far:x', 4));
  here.bytes(up, back(probe, Kind.REJECT, 'top'));
  assert.equal(outcomes(here, program), ['E_LOST', 'E_LOST']);
  assert.is(errorOf(here.sent(program.link)[0])?.values.node, 'top');
  assert.is(errorOf(here.sent(program.link)[0])?.values.reason, 'has lost the way from a to far');
  const open = [...(here.router.links.get(program.link)?.pending.keys() ?? [])];
  assert.equal(open, [3, 4], 'the younger one has not been asked after yet');
  assert.is(here.router.counters.lost, 2);
});

test('what the answering node does not know of is lost, the rest goes on', () => {
  const { here, up, program } = prepare();
  here.bytes(program.link, request(program, 'far:x'), request(program, 'far:y', 2));
  here.run(PROBE_MS);
  const [probe] = probesOf(here.sent(up));
  here.bytes(up, back(probe, Kind.PROBE, 'far', probe?.body.subarray(12)));
  assert.equal(outcomes(here, program), ['E_LOST']);
  assert.is(here.sent(program.link)[0]?.number, 2);
  const { node, reason } = errorOf(here.sent(program.link)[0])?.values ?? {};
  assert.is(`${node} ${reason}`, 'here has heard that nobody there works on it any more');
});

test('a node answers a probe with what nobody works on, and with nothing when all is well', () => {
  const there = new TestRouter('there', AGENT);
  const up = there.parent();
  const server = there.program('x');
  const id = { seed: 7, number: 1, timeout: 600 };
  there.bytes(up, frameOf({ kind: Kind.REQUEST, ...id, ...between('far:a', 'there:x') }));
  const service = between('far:a', 'there:x').toService ?? 0;
  const entry = (number: number) => {
    const body = Buffer.alloc(12);
    for (const [at, value] of [service, 7, number].entries()) body.writeUInt32BE(value, 4 * at);
    return body;
  };
  const addresses = { toNode: nodeKeyOf('there'), fromNode: nodeKeyOf('far') };
  const probe = { kind: Kind.PROBE, ...addresses, seed: 5, number: 6 };
  there.bytes(up, frameOf(probe, undefined, entry(1)));
  assert.equal(there.sent(up), []);
  there.bytes(up, frameOf(probe, undefined, Buffer.concat([entry(1), entry(2)])));
  const [answer] = there.sent(up);
  assert.is(answer?.kind, Kind.PROBE);
  assert.is(answer?.flags, Flag.RESPONSE);
  assert.equal([answer?.toNode, answer?.toService], [nodeKeyOf('far'), 0]);
  assert.equal([answer?.seed, answer?.number], [5, 6]);
  assert.equal(answer?.body, entry(2));
  there.bytes(server.link, frameOf({ kind: Kind.UNREGISTER }, { service: 'x' }));
  there.bytes(up, frameOf(probe, undefined, entry(1)));
  assert.equal(there.sent(up), [], 'a program that gave its name back still works');
});

test('a probe of a program is not answered: only routers ask', () => {
  const there = new TestRouter('there', AGENT);
  const up = there.parent();
  const probe = { kind: Kind.PROBE, ...between('far:a', 'there:x'), toService: 0 };
  there.bytes(up, frameOf(probe, undefined, Buffer.alloc(12)));
  assert.equal(there.outputs, []);
  assert.is(there.router.counters.rejected, 1);
});

test('a probe through a node that knows no way goes back to who asks', () => {
  const top = new TestRouter('top');
  const child = top.child('child');
  const probe = { kind: Kind.PROBE, toNode: nodeKeyOf('gone'), fromNode: nodeKeyOf('child') };
  top.bytes(child, frameOf({ ...probe, seed: 3, number: 4 }));
  const [reject] = top.sent(child);
  assert.equal([reject?.kind, reject?.toService, reject?.seed], [Kind.REJECT, 0, 3]);
  assert.is(errorOf(reject)?.code, 'E_UNREACHABLE');
});

test('more requests than fit one probe go in several', () => {
  const { here, up, program } = prepare();
  const all = Array.from({ length: PROBE_REQUESTS_MAX + 1 }, (_, n) => request(program, 'f:x', n));
  here.bytes(program.link, ...all);
  here.run(PROBE_MS);
  assert.equal(
    probesOf(here.sent(up)).map(({ body }) => body.length),
    [PROBE_REQUESTS_MAX * 12, 12],
  );
});

test('what belongs to an exchange and cannot go on ends it', () => {
  const top = new TestRouter('top');
  const child = top.child('child');
  for (const kind of [Kind.DATA, Kind.END, Kind.CREDIT, Kind.CANCEL]) {
    top.bytes(child, frameOf({ kind, seed: 1, number: 2, ...between('child:a', 'gone:x') }));
    const [reject] = top.sent(child);
    assert.is(reject?.kind, Kind.REJECT);
    assert.is(reject?.toService, between('gone:x', 'child:a').toService);
    assert.equal(errorOf(reject)?.code, 'E_LOST');
    assert.equal(errorOf(reject)?.values, {
      to: 'the receiver',
      node: 'top',
      reason: 'knows no way',
    });
  }
});

test('a piece of a stream that cannot leave its own node ends the exchange at once', () => {
  const { here, up, program } = prepare();
  here.bytes(program.link, request(program, 'far:x'));
  const other = here.program('other');
  const data = { kind: Kind.DATA, ...between('here:asker', 'far:x'), number: 1 };
  here.bytes(other.link, frameOf({ ...data, seed: other.seed }));
  assert.equal(here.sent(program.link), [], 'that of another program does not');
  here.input({ kind: 'closed', link: up, reason: 'reset' });
  assert.equal(outcomes(here, program), ['E_LOST']);
  here.bytes(program.link, frameOf({ ...data, seed: program.seed }));
  assert.equal(here.sent(program.link), [], 'one that is over has no second outcome');
});

test.run();
