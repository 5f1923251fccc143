import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind } from '../../src/protocol/frame.ts';
import { BACKOFF_MS_MIN, REDIAL_MS_MAX, RETRY_AFTER_MS_MAX } from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { frameOf, recordOf, TestRouter } from './harness.ts';

const NAME = 'cd://hub.example:1';
const ADDRESSES = ['cd://10.0.0.1:1', 'cd://10.0.0.2:1'];

function dialsIn(here: TestRouter): string[] {
  return here.outputs.flatMap((each) => (each.kind === 'dial' ? [each.url] : []));
}

function fail(here: TestRouter, error: object = {}): string[] {
  const plain = { code: 'E_CONNECT', values: { url: '', reason: 'refused' } } as const;
  here.input({ kind: 'dialFailed', dialler: 0, error: { ...plain, ...error } });
  return dialsIn(here);
}

function resolve(here: TestRouter, urls: readonly string[]): string[] {
  here.input({ kind: 'resolved', dialler: 0, urls });
  return dialsIn(here);
}

function refuse(here: TestRouter, code: string, retryAfterMs: unknown): string[] {
  const error = { code, values: { retryAfterMs }, origin: 'above' };
  here.bytes(here.dialled(), frameOf({ kind: Kind.REFUSE }, { error }));
  return dialsIn(here);
}

test('a name stands for all its addresses: each is tried, and each failure names its own', () => {
  const here = new TestRouter('here', { parents: [NAME, 'cd://q:1'] });
  assert.equal(dialsIn(here), [NAME]);
  assert.equal(resolve(here, ADDRESSES), ['cd://10.0.0.1:1']);
  assert.equal(fail(here), ['cd://10.0.0.2:1']);
  assert.is(here.events('uplinkFailed')[0]?.url, 'cd://10.0.0.1:1');
  const link = here.dialled();
  const error = { code: 'E_LEAF_PARENT', values: { node: 'x' } };
  here.bytes(link, frameOf({ kind: Kind.REFUSE }, { error }));
  assert.is(here.events('uplinkFailed')[0]?.url, 'cd://10.0.0.2:1');
  assert.equal(dialsIn(here), ['cd://q:1'], 'then the list goes on');
});

test('a name is looked up anew in each round', () => {
  const here = new TestRouter('here', { parents: [NAME] });
  resolve(here, ADDRESSES.slice(0, 1));
  fail(here);
  here.run(BACKOFF_MS_MIN);
  assert.equal(dialsIn(here), [NAME]);
});

test('where the link broke is the last address that is tried', () => {
  const here = new TestRouter('here', { parents: [NAME] });
  resolve(here, ADDRESSES);
  const link = here.dialled();
  here.bytes(link, here.welcome(recordOf('above')));
  here.input({ kind: 'closed', link, reason: 'reset' });
  here.run(BACKOFF_MS_MIN);
  assert.equal(dialsIn(here), [NAME]);
  assert.equal(resolve(here, ADDRESSES), ['cd://10.0.0.2:1']);
});

test('an answer that nobody waits for changes nothing', () => {
  const here = new TestRouter('here', { parents: [NAME] });
  here.parent();
  assert.equal(resolve(here, ADDRESSES), []);
  assert.equal(fail(here), []);
  here.input({ kind: 'resolved', dialler: 7, urls: ADDRESSES });
  assert.equal(dialsIn(here), []);
});

test('who is told to come again later does so then, and not before', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1'] });
  for (const code of ['E_BUSY', 'E_FULL']) {
    assert.equal(refuse(here, code, 5_000), []);
    const retryMs = here.router.uplink.retryAtMs - here.nowMs;
    assert.ok(retryMs >= 5_000 && retryMs <= 5_500, `${retryMs}`);
    here.run(4_999);
    assert.equal(dialsIn(here), []);
    here.run(501);
    assert.equal(dialsIn(here), ['cd://p:1']);
  }
});

test('nobody can be told to stay away for long, or by another error', () => {
  const waits = [
    ['E_BUSY', 1e12, RETRY_AFTER_MS_MAX],
    ['E_BUSY', -5, 0],
    ['E_BUSY', 'soon', 0],
    ['E_NAME_TAKEN', 20_000, 0],
  ] as const;
  for (const [code, told, leastMs] of waits) {
    const here = new TestRouter('here', { parents: ['cd://p:1'] });
    refuse(here, code, told);
    const retryMs = here.router.uplink.retryAtMs - here.nowMs;
    assert.ok(retryMs >= leastMs && retryMs <= leastMs * 1.1 + BACKOFF_MS_MIN, `${retryMs}`);
  }
});

test('who is told to come again later asks the others meanwhile', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'] });
  assert.equal(refuse(here, 'E_BUSY', 20_000), ['cd://q:1']);
  for (let round = 0; round < 3; round++) {
    fail(here);
    here.run(here.router.uplink.retryAtMs - here.nowMs);
    assert.equal(dialsIn(here), ['cd://q:1']);
  }
});

test('who was full is asked at once when the parent that was found instead is gone', () => {
  for (const parents of [
    [NAME, 'cd://q:1'],
    ['cd://10.0.0.1:1', 'cd://q:1'],
  ]) {
    const here = new TestRouter('here', { parents });
    if (parents[0] === NAME) resolve(here, ADDRESSES.slice(0, 1));
    assert.equal(refuse(here, 'E_FULL', 10_000), ['cd://q:1']);
    flap(here, 'reset');
    here.run(BACKOFF_MS_MIN);
    if (parents[0] === NAME) resolve(here, ADDRESSES.slice(0, 1));
    assert.equal(dialsIn(here), ['cd://10.0.0.1:1']);
    const next = refuse(here, 'E_FULL', 10_000);
    here.run(REDIAL_MS_MAX);
    assert.equal([...next, ...dialsIn(here)], ['cd://q:1'], 'it is put aside anew');
  }
});

test('who was busy is not asked sooner because the parent that was found instead is gone', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'] });
  refuse(here, 'E_BUSY', 10_000);
  flap(here, 'reset');
  here.run(REDIAL_MS_MAX);
  assert.equal(dialsIn(here), ['cd://q:1']);
});

/** A parent that takes this node, and whose link then breaks. */
function flap(here: TestRouter, reason: string): LinkId {
  const link = here.parent();
  here.input({ kind: 'closed', link, reason });
  return link;
}

test('with another parent, a broken link costs no more than the shortest backoff', () => {
  for (let seed = 1; seed < 50; seed++) {
    const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'], seed });
    flap(here, 'reset');
    const atOnce = dialsIn(here);
    here.run(BACKOFF_MS_MIN);
    assert.equal([...atOnce, ...dialsIn(here)], ['cd://q:1'], 'the one that broke comes last');
  }
});

test('a link that breaks again and again is redialled within a bound', () => {
  for (let seed = 1; seed < 50; seed++) {
    const here = new TestRouter('here', { parents: ['cd://p:1'], seed });
    for (let n = 0; n < 20; n++) {
      flap(here, 'reset');
      assert.ok(here.router.uplink.retryAtMs - here.nowMs <= REDIAL_MS_MAX);
    }
  }
});

test.run();
