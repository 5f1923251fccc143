import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import { BACKOFF_MS_MAX, SERVICES_PER_LINK_MAX } from '../../src/protocol/limits.ts';
import { UPLINK } from '../../src/router/dialler.ts';
import { parentLink } from '../../src/router/state.ts';
import { errorOf, frameOf, idOf, open, REALM, recordOf, TestRouter } from './harness.ts';

const ONE = { parents: ['cd://parent:1'] };
const THREE = { parents: ['cd://a:1', 'cd://b:1', 'cd://c:1'] };
const ERROR = { code: 'E_CONNECT', values: { url: '', reason: 'refused' } } as const;

function dialled(here: TestRouter): string[] {
  return here.outputs.flatMap((each) => (each.kind === 'dial' ? [each.url] : []));
}

function fail(here: TestRouter): string[] {
  here.input({ kind: 'dialFailed', dialler: UPLINK, error: ERROR });
  return dialled(here);
}

test('a root dials nobody', () => {
  const here = new TestRouter();
  assert.is(here.router.uplink.phase, 'none');
  here.run(60_000);
  assert.equal(dialled(here), []);
});

test('the parents are tried in their order at once, then again after a pause', () => {
  const here = new TestRouter('here', THREE);
  assert.equal(dialled(here), ['cd://a:1']);
  assert.equal(fail(here), ['cd://b:1']);
  assert.equal(fail(here), ['cd://c:1']);
  assert.equal(fail(here), []);
  const [failed] = here.events('uplinkFailed');
  assert.is(failed?.url, 'cd://c:1');
  assert.ok((failed?.retryMs ?? 0) > 0);
  here.run(failed?.retryMs ?? 0);
  assert.equal(dialled(here), ['cd://a:1']);
});

test('the pause grows from round to round, and not without end', () => {
  const here = new TestRouter('here', ONE);
  const pausesMs = Array.from({ length: 200 }, () => {
    fail(here);
    const retryMs = here.events('uplinkFailed')[0]?.retryMs ?? 0;
    here.run(retryMs);
    return retryMs;
  });
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  assert.ok(mean(pausesMs.slice(0, 3)) < 400);
  assert.ok(mean(pausesMs.slice(10)) > BACKOFF_MS_MAX / 3);
  assert.ok(Math.max(...pausesMs) <= BACKOFF_MS_MAX);
});

test('who dials says the magic and who it is, newer each time', () => {
  const here = new TestRouter('here', ONE);
  const seqnos = [1, 2].map(() => {
    const link = here.dialled();
    const [bytes = Buffer.alloc(0)] = here.slices(link);
    assert.equal(bytes.subarray(0, MAGIC.length), MAGIC);
    const [hello] = open(bytes.subarray(MAGIC.length));
    assert.is(hello?.kind, Kind.HELLO);
    const record = hello?.head.record as { name: string; seqno: number };
    assert.is(record.name, 'here');
    here.input({ kind: 'closed', link, reason: 'reset' });
    here.run(BACKOFF_MS_MAX);
    return record.seqno;
  });
  assert.ok((seqnos[1] ?? 0) > (seqnos[0] ?? 0));
});

test('a node with very many services leaves them out of its HELLO, which has a bound', () => {
  const here = new TestRouter('here', ONE);
  const { link: program } = here.program();
  for (let n = 0; n < SERVICES_PER_LINK_MAX; n++) here.register(program, `${n}`.padEnd(63, 'x'));
  const link = here.dialled();
  const [hello] = open(here.slices(link)[0]?.subarray(MAGIC.length) ?? Buffer.alloc(0));
  const said = { revision: SERVICES_PER_LINK_MAX + 1, realm: REALM };
  assert.equal(hello?.head.record, recordOf('here', said));
  const above = new TestRouter('above');
  const child = above.accept();
  above.bytes(child, ...here.slices(link));
  assert.is(above.sent(child)[0]?.kind, Kind.WELCOME);
});

test('a refusal is an answer: the next parent is tried, and the reason kept', () => {
  const here = new TestRouter('here', THREE);
  const link = here.dialled();
  const error = { code: 'E_NAME_TAKEN', values: { name: 'here', where: 'x/y' }, origin: 'a' };
  here.bytes(link, frameOf({ kind: Kind.REFUSE }, { error }));
  assert.is(here.closed(link), 'E_NAME_TAKEN');
  assert.equal(dialled(here), ['cd://b:1']);
  assert.is(here.router.uplink.lastError?.code, 'E_NAME_TAKEN');
  assert.is(here.events('uplinkFailed')[0]?.error.values.where, 'x/y');
});

test('the uplink stands once the parent welcomes', () => {
  const here = new TestRouter('here', { ...ONE, realm: null });
  const link = here.parent('above', { depth: 3 });
  const [up] = here.events('uplinkUp');
  assert.is(up?.parent.name, 'above');
  assert.is(up?.url, 'cd://parent:1');
  assert.is(up?.depth, 4);
  assert.is(here.router.realm, 'test');
  assert.is(parentLink(here.router)?.id, link);
});

test('when the parent is lost, the first of the list is dialled again, soon', () => {
  const here = new TestRouter('here', THREE);
  fail(here);
  const link = here.dialled();
  here.bytes(link, here.welcome(recordOf('b')));
  here.input({ kind: 'closed', link, reason: 'reset' });
  const [down] = here.events('uplinkDown');
  assert.is(down?.error.code, 'E_CONNECTION_LOST');
  assert.is(down?.error.values.node, 'b');
  here.run(200);
  assert.equal(dialled(here), ['cd://a:1']);
});

test('who was known for long begins anew with the shortest pause', () => {
  const here = new TestRouter('here', ONE);
  for (let round = 0; round < 20; round++) {
    fail(here);
    here.run(BACKOFF_MS_MAX);
  }
  const link = here.parent();
  here.bytes(link, frameOf({ kind: Kind.JOINED, toNode: here.router.key }, {}));
  for (let ms = 0; ms < BACKOFF_MS_MAX; ms += 500) {
    here.run(500);
    here.bytes(link, frameOf({ kind: Kind.PONG }));
  }
  here.input({ kind: 'closed', link, reason: 'reset' });
  assert.ok(here.router.uplink.retryAtMs - here.nowMs <= 100);
});

test('a parent that says goodbye is lost with its reason', () => {
  const here = new TestRouter('here', ONE);
  const link = here.parent();
  const error = { code: 'E_LEAVING', values: { node: 'above' }, origin: 'above' };
  here.bytes(link, frameOf({ kind: Kind.GOODBYE }, { error }));
  assert.is(here.closed(link), 'E_LEAVING');
  assert.is(here.events('uplinkDown')[0]?.error.code, 'E_LEAVING');
});

test('a connection that comes too late, when the node is leaving, is closed', () => {
  const here = new TestRouter('here', ONE);
  here.input({ kind: 'leave' });
  const link = here.dialled();
  assert.is(here.closed(link), 'E_LEAVING');
  assert.is(here.router.links.has(link), false);
  here.run(60_000);
  assert.equal(dialled(here), []);
});

test('two nodes that dial each other do not take each other as parents', () => {
  const a = new TestRouter('a', ONE);
  const b = new TestRouter('b', ONE);
  a.child('b', { id: idOf('b') });
  const up = a.dialled();
  a.bytes(up, a.welcome(recordOf('b')));
  assert.is(a.closed(up), 'E_LOOP');
  const down = b.accept();
  b.parent('a');
  b.bytes(down, MAGIC, b.hello(recordOf('a')));
  assert.is(errorOf(b.sent(down)[0])?.code, 'E_LOOP');
});

test.run();
