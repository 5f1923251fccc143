import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import { HINT_MS, HINTS_MAX, PROBE_MS } from '../../src/protocol/limits.ts';
import { learnHint } from '../../src/router/hints.ts';
import { between, frameOf, type Program, recordOf, type Sent, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'], holdMs: 600_000 };
const FAR = nodeKeyOf('far');

function prepare() {
  const here = new TestRouter('here', AGENT);
  const up = here.parent('above', { holdMs: 600_000 });
  const program = here.program('asker');
  let number = 0;
  const send = (kind: Kind, to: string, more: Partial<FrameFields> = {}): Buffer => {
    const id = { seed: program.seed, number: ++number };
    return frameOf({ kind, ...id, ...between('here:asker', to), ...more });
  };
  /** The destinations of what the last input sent to the parent, probes left out. */
  const sentTo = () => {
    const frames = here.sent(up).filter(({ kind }) => kind !== Kind.PROBE);
    return frames.map(({ toNode }) => toNode);
  };
  const answer = (kind: Kind, more: Partial<FrameFields> = {}): Buffer => {
    const id = { seed: program.seed, number };
    return frameOf({
      kind,
      flags: Flag.RESPONSE,
      ...between('far:mail', 'here:asker'),
      ...id,
      ...more,
    });
  };
  return { here, up, program, send, sentTo, answer };
}

/** As above, and `far` has answered for `mail`. */
function prepareLearnt() {
  const all = prepare();
  const { here, up, program, send, sentTo, answer } = all;
  here.bytes(program.link, send(Kind.REQUEST, 'mail'));
  assert.equal(sentTo(), [0]);
  here.bytes(up, answer(Kind.REPLY));
  return all;
}

test('who answered for a service from above gets what is sent there next, messages too', () => {
  const { here, program, send, sentTo } = prepareLearnt();
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'), send(Kind.MESSAGE, 'mail'));
  assert.equal(sentTo(), [FAR, FAR]);
  here.bytes(program.link, send(Kind.REQUEST, 'mail'));
  assert.equal(sentTo(), [FAR]);
  here.bytes(program.link, send(Kind.MESSAGE, 'other'));
  assert.equal(sentTo(), [0]);
});

test('after its time the nearest is asked for anew, by messages too', () => {
  const { here, program, send, sentTo } = prepareLearnt();
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
  here.run(HINT_MS + 1);
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
  assert.equal(sentTo(), [0]);
});

test('a nearer one that appears goes first', () => {
  const { here, program, send, sentTo } = prepareLearnt();
  const child = here.child('child', { services: ['mail'] });
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
  assert.equal(sentTo(), []);
  assert.equal(
    here.sent(child).map(({ toNode }) => toNode),
    [nodeKeyOf('child')],
    'and the frame says which node that is',
  );
});

test('it is void when a router says that the service is not there, or cannot be reached', () => {
  const { here, up, program, send, sentTo, answer } = prepareLearnt();
  here.bytes(program.link, send(Kind.REQUEST, 'mail'));
  here.bytes(up, answer(Kind.REJECT, { fromNode: nodeKeyOf('top'), fromService: 0 }));
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
  assert.equal(sentTo(), [0]);
});

test('a refusal of the service itself is an answer', () => {
  const { here, up, program, send, sentTo, answer } = prepareLearnt();
  here.bytes(program.link, send(Kind.REQUEST, 'mail'));
  here.bytes(up, answer(Kind.REJECT));
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
  assert.equal(sentTo(), [FAR]);
});

test('it is void with the link to the parent', () => {
  const { here, up, program, send, sentTo } = prepareLearnt();
  here.input({ kind: 'closed', link: up, reason: 'reset' });
  const next = here.parent('other');
  here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
  assert.equal(sentTo(), []);
  assert.equal(
    here.sent(next).map(({ toNode }) => toNode),
    [0],
  );
});

/** The answer to a probe, or the REJECT that it came back as. */
function back({ seed, number, body }: Sent, kind: Kind): Buffer {
  const addresses = { toNode: nodeKeyOf('here'), fromNode: FAR };
  return frameOf({ kind, flags: Flag.RESPONSE, ...addresses, seed, number }, {}, body);
}

test('while it is used the node is asked whether it has the service still', () => {
  for (const kind of [Kind.PROBE, Kind.REJECT]) {
    const { here, up, program, send, sentTo } = prepareLearnt();
    here.run(PROBE_MS + 1);
    const [probe] = here.sent(up).filter((frame) => frame.kind === Kind.PROBE);
    assert.is(probe?.toNode, FAR);
    assert.is(probe?.body.readUInt32BE(0), serviceKeyOf('mail'));
    assert.equal([probe?.body.readUInt32BE(4), probe?.body.readUInt32BE(8)], [0, 0]);
    if (probe !== undefined) here.bytes(up, back(probe, kind));
    here.bytes(program.link, send(Kind.MESSAGE, 'mail'));
    assert.equal(sentTo(), [0]);
  }
});

test('a node says in answer to a probe which services it does not have', () => {
  const { here, up } = prepare();
  const body = Buffer.alloc(24);
  body.writeUInt32BE(serviceKeyOf('asker'), 0);
  body.writeUInt32BE(serviceKeyOf('mail'), 12);
  const addresses = { toNode: nodeKeyOf('here'), fromNode: FAR };
  here.bytes(up, frameOf({ kind: Kind.PROBE, ...addresses, seed: 1, number: 2 }, undefined, body));
  assert.equal(here.sent(up)[0]?.body, body.subarray(12));
});

test('more services than are remembered cost the one that was learnt first', () => {
  const { here } = prepare();
  const { router } = here;
  for (let service = 1; service <= HINTS_MAX + 1; service++) learnHint(router, service, FAR, 0);
  assert.is(router.hints.size, HINTS_MAX);
  assert.not.ok(router.hints.has(1));
});

test('the node that takes a request to the nearest says so, to another node only', () => {
  const { here, up, program, send } = prepare();
  const server = here.program('mail');
  const fields = { kind: Kind.REQUEST, seed: 9, number: 1 };
  here.bytes(up, frameOf({ ...fields, ...between('far:a', 'mail') }));
  const [taken] = here.sent(up);
  assert.equal([taken?.kind, taken?.flags], [Kind.TAKEN, Flag.RESPONSE]);
  assert.equal([taken?.fromNode, taken?.fromService], [here.router.key, serviceKeyOf('mail')]);
  assert.equal([taken?.toNode, taken?.seed, taken?.number], [FAR, 9, 1]);
  here.bytes(up, frameOf({ ...fields, number: 2, ...between('far:a', 'here:mail') }));
  assert.equal(here.sent(up), [], 'who named the node knows it');
  here.bytes(program.link, send(Kind.REQUEST, 'mail'));
  assert.equal(here.sent(program.link), []);
  assert.is(here.sent(server.link).length, 1);
});

function inquire({ seed }: Program, number: number): Buffer {
  return frameOf({ kind: Kind.TAKEN, seed, number, ...between('here:asker', 'mail') });
}

test('a program that asks who took its request hears it, at once or when it is known', () => {
  const { here, up, program, send, answer } = prepare();
  here.bytes(program.link, send(Kind.REQUEST, 'mail'), inquire(program, 1));
  assert.equal(here.sent(program.link), []);
  here.bytes(up, answer(Kind.TAKEN));
  const [taken] = here.sent(program.link);
  assert.equal([taken?.kind, taken?.fromNode], [Kind.TAKEN, FAR]);
  here.bytes(program.link, inquire(program, 1));
  assert.is(here.sent(program.link)[0]?.fromNode, FAR);
  here.child('child', { services: ['mail'] });
  here.bytes(program.link, send(Kind.REQUEST, 'mail'), inquire(program, 2));
  assert.is(here.sent(program.link)[0]?.fromNode, nodeKeyOf('child'));
});

test('what follows a request goes to the node that took it, whoever is nearest by then', () => {
  const { here, up, program, send, answer } = prepare();
  here.bytes(program.link, send(Kind.REQUEST, 'mail'));
  here.bytes(up, answer(Kind.TAKEN));
  const child = here.child('child', { services: ['mail'] });
  here.bytes(program.link, send(Kind.CANCEL, 'mail', { number: 1 }));
  assert.equal(here.sent(child), []);
  assert.equal(
    here.sent(up).map(({ kind, toNode }) => [kind, toNode]),
    [[Kind.CANCEL, FAR]],
  );
});

test('a request that nobody took is lost when the nearest does not know of it', () => {
  const { here, up, program, send } = prepare();
  here.bytes(program.link, send(Kind.REQUEST, 'mail', { timeout: 600 }));
  here.run(PROBE_MS + 1);
  const probe = here.sent(up).find(({ kind }) => kind === Kind.PROBE);
  assert.is(probe?.toNode, 0);
  assert.is(probe?.toService, serviceKeyOf('mail'));
  if (probe !== undefined) here.bytes(up, back(probe, Kind.PROBE));
  assert.is(here.sent(program.link)[0]?.kind, Kind.REJECT);
  const other = new TestRouter('other', AGENT);
  const link = other.parent();
  other.program('mail');
  const { seed = 0, number = 0, toService = 0, body } = probe ?? {};
  const asked = { kind: Kind.PROBE, toService, fromNode: here.router.key, seed, number };
  other.bytes(link, frameOf(asked, undefined, body));
  assert.equal(other.sent(link)[0]?.body, body, 'it comes to whoever is nearest');
});

test('the record of a child that has the service is enough to name it', () => {
  const { here, program, send } = prepare();
  const child = here.child('child');
  const record = recordOf('deep', { parent: 'child', services: ['mail'] });
  here.advertise(child, { record, metric: 0 });
  here.bytes(program.link, send(Kind.REQUEST, 'mail'), send(Kind.MESSAGE, 'mail'));
  assert.equal(
    here.sent(child).map(({ toNode }) => toNode),
    [nodeKeyOf('deep'), nodeKeyOf('deep')],
  );
});

test.run();
