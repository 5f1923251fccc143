import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom, nextRandom } from '../../src/base/random.ts';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import { BACKOFF_MS_MAX } from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { errorOf, frameOf, open, recordOf, TestRouter } from './harness.ts';

const ERROR = { code: 'E_CONNECT', values: { url: '', reason: 'refused' } } as const;
/** Ids by which it is known who is the smaller of two. */
const SMALL = { id: '0000000000000001' };
const LARGE = { id: 'ffffffffffffffff' };

function dialled(here: TestRouter): string[] {
  return here.outputs.flatMap((each) => (each.kind === 'dial' ? [each.url] : []));
}

function peerOf(here: TestRouter): string | undefined {
  return [...here.router.peers.values()].map(({ id }) => String(id)).join();
}

/** A router that has dialled its one peer. */
function prepare(config: object = {}): { here: TestRouter; link: LinkId } {
  const here = new TestRouter('here', { peers: ['cd://peer:1'], ...config });
  return { here, link: here.dialled(1) };
}

test('each peer is dialled, beside the parents and each at its own pace', () => {
  const peers = ['cd://p:1', 'cd://q:1'];
  const here = new TestRouter('here', { parents: ['cd://parent:1'], peers });
  assert.equal(dialled(here), ['cd://parent:1', ...peers]);
  here.dialled(2);
  here.input({ kind: 'dialFailed', dialler: 1, error: ERROR });
  const [failed] = here.events('peerFailed');
  assert.is(failed?.url, 'cd://p:1');
  assert.equal(here.events('uplinkFailed'), []);
  here.run(failed?.retryMs ?? 0);
  assert.equal(dialled(here), ['cd://p:1']);
});

test('a peer that is not there is tried for ever', () => {
  const here = new TestRouter('here', { peers: ['cd://p:1'] });
  for (let round = 0; round < 100; round++) {
    here.input({ kind: 'dialFailed', dialler: 1, error: ERROR });
    here.run(BACKOFF_MS_MAX);
    assert.equal(dialled(here), ['cd://p:1']);
  }
});

test('who dials a peer says so, and a link to a peer stands once it is welcome', () => {
  const { here, link } = prepare();
  const [hello] = open(here.slices(link)[0]?.subarray(MAGIC.length) ?? Buffer.alloc(0));
  assert.is(hello?.head.as, 'peer');
  here.bytes(link, here.welcome(recordOf('other')));
  assert.is(here.events('peerUp')[0]?.record.name, 'other');
  assert.is(here.sent(link)[0]?.kind, Kind.PING);
  const network = { realm: 'test', top: 'here' };
  assert.equal(here.sent(link)[0]?.head, network, 'how deep one is, is nothing to a peer');
  assert.is(here.router.uplink.phase, 'none');
});

test('a peer is taken by any role, and may be of another realm', () => {
  for (const role of ['root', 'agent', 'leaf'] as const) {
    const here = new TestRouter('here', { role });
    const link = here.accept();
    const hello = here.hello(recordOf('other'), { as: 'peer', realm: 'elsewhere' });
    here.bytes(link, MAGIC, hello);
    assert.equal(
      here.sent(link).map(({ kind }) => kind),
      [Kind.WELCOME, Kind.PING],
    );
    assert.is(here.router.realm, 'test');
  }
  const { here, link } = prepare({ realm: null });
  here.bytes(link, here.welcome(recordOf('other'), { realm: 'elsewhere' }));
  assert.is(here.closed(link), undefined);
  assert.is(here.router.realm, null, 'and does not make us of that realm');
});

test('a peer that falls silent is given up after the hold time, and dialled again', () => {
  const { here, link } = prepare();
  here.bytes(link, here.welcome(recordOf('other')));
  here.run(2_999);
  assert.ok(here.router.links.has(link));
  const isDialled = here.run(1_000).some((each) => each.kind === 'dial');
  assert.ok(isDialled);
  assert.is(here.events('peerDown')[0]?.error.code, 'E_HOLD_TIME');
  assert.is(here.router.peers.size, 0);
});

test('a peer says goodbye like everybody', () => {
  const { here, link } = prepare();
  here.bytes(link, here.welcome(recordOf('other')));
  here.input({ kind: 'leave' });
  assert.is(here.sent(link)[0]?.kind, Kind.GOODBYE);
  assert.is(errorOf(here.sent(link)[0])?.code, 'E_LEAVING');
});

test('who is parent, child, or this very node cannot be a peer', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'], peers: ['cd://p:1'] });
  here.parent('above');
  here.child('below');
  for (const name of ['above', 'below', 'here']) {
    const link = here.peer(name);
    assert.is(errorOf(here.sent(link)[0])?.code, 'E_PEER_IS_KIN');
    assert.is(here.closed(link), 'E_PEER_IS_KIN');
  }
  const link = here.dialled(1);
  here.bytes(link, here.welcome(recordOf('above')));
  assert.is(here.closed(link), 'E_PEER_IS_KIN');
  assert.is(errorOf(here.sent(link)[0])?.values.kin, 'the parent of');
  assert.is(here.events('peerFailed')[0]?.error.code, 'E_PEER_IS_KIN');
});

test('a peer that becomes child or parent is a peer no more', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const [one, two] = [here.peer('one'), here.peer('two')];
  here.child('one');
  assert.is(here.closed(one), 'E_PEER_IS_KIN');
  here.parent('two');
  assert.is(here.closed(two), 'E_PEER_IS_KIN');
  assert.is(here.router.peers.size, 0);
  assert.is(here.way('one'), 'one');
});

test('a peer whose name another node has is refused', () => {
  const here = new TestRouter();
  here.child('taken');
  const link = here.peer('taken', LARGE);
  assert.is(here.closed(link), 'E_NAME_TAKEN');
  const { where, other } = here.events('linkRefused')[0]?.error.values ?? {};
  assert.equal([where, other], ['here/taken (linked before)', 'here/taken']);
  const same = here.peer('here', LARGE);
  assert.is(here.closed(same), 'E_NAME_TAKEN');
});

test('of two links that were dialled from both sides that of the smaller id stays', () => {
  for (const [other, isOursToStay] of [
    [LARGE, true],
    [SMALL, false],
  ] as const) {
    // Ours stood first; then theirs.
    const { here, link } = prepare();
    here.bytes(link, here.welcome(recordOf('other', other)));
    const theirs = here.peer('other', other);
    assert.is(peerOf(here), String(isOursToStay ? link : theirs));
    assert.is(here.closed(isOursToStay ? theirs : link), 'E_PEER_LINKED');
    // The other way round.
    const late = prepare();
    const first = late.here.peer('other', other);
    late.here.bytes(late.link, late.here.welcome(recordOf('other', other)));
    assert.is(peerOf(late.here), String(isOursToStay ? late.link : first));
    assert.is(late.here.closed(isOursToStay ? first : late.link), 'E_PEER_LINKED');
  }
});

test('who has a link with its peer does not dial it, until that link ends', () => {
  const { here, link } = prepare();
  const theirs = here.peer('other', SMALL);
  const error = { code: 'E_PEER_LINKED', values: { here: 'other', there: 'here' } };
  here.bytes(link, frameOf({ kind: Kind.REFUSE }, { error }));
  assert.equal(here.events('peerFailed'), []);
  const [held] = here.events('peerHeld');
  assert.equal([held?.url, held?.record.name], ['cd://peer:1', 'other']);
  for (let ms = 0; ms < 30_000; ms += 1_000) {
    assert.not.ok(here.run(1_000).some((each) => each.kind === 'dial'));
    here.bytes(theirs, frameOf({ kind: Kind.PONG }));
  }
  here.input({ kind: 'closed', link: theirs, reason: 'reset' });
  assert.ok(here.run(BACKOFF_MS_MAX).some((each) => each.kind === 'dial'));
});

test('a peer with two URLs is linked once, and missed by both diallers', () => {
  const here = new TestRouter('here', { peers: ['cd://p:1', 'cd://p:2'] });
  const [one, two] = [here.dialled(1), here.dialled(2)];
  here.bytes(one, here.welcome(recordOf('other')));
  here.bytes(two, here.welcome(recordOf('other')));
  assert.is(here.closed(two), 'E_PEER_LINKED');
  assert.is(here.events('peerHeld')[0]?.url, 'cd://p:2');
  assert.is(peerOf(here), String(one));
  here.input({ kind: 'closed', link: one, reason: 'reset' });
  const outputs = here.run(BACKOFF_MS_MAX);
  assert.is(outputs.filter((each) => each.kind === 'dial').length, 2);
});

test('a peer that comes again replaces a link that is dead or of a former run', () => {
  const here = new TestRouter();
  const first = here.peer('other');
  assert.is(here.closed(here.peer('other')), 'E_PEER_LINKED');
  const second = here.peer('other', { incarnation: 2 });
  assert.is(here.closed(first), 'E_PEER_LINKED');
  here.run(1_500);
  const third = here.peer('other', { incarnation: 2 });
  assert.is(here.closed(second), 'E_PEER_LINKED');
  assert.is(peerOf(here), String(third));
});

/** Two routers that dial each other, with what is on its way between them. */
class Pair {
  readonly sides: readonly [TestRouter, TestRouter];
  /** By side and link: the other side's link. */
  readonly #ends = new Map<string, { side: 0 | 1; link: LinkId }>();
  readonly mail: { side: 0 | 1; link: LinkId; bytes: Buffer | null }[] = [];

  constructor() {
    const a = new TestRouter('a', { id: SMALL.id, peers: ['cd://b:1'] });
    const b = new TestRouter('b', { id: LARGE.id, peers: ['cd://a:1'] });
    this.sides = [a, b];
  }

  #connect(side: 0 | 1): void {
    const other = side === 0 ? 1 : 0;
    const far = { side: other, link: this.sides[other].accept() } as const;
    const near = { side, link: this.sides[side].dialled(1) };
    this.#ends.set(`${side} ${near.link}`, far);
    this.#ends.set(`${other} ${far.link}`, near);
    this.#collect(side);
  }

  /** Puts on its way what a side has said. */
  #collect(side: 0 | 1): void {
    for (const each of this.sides[side].outputs) {
      if (each.kind !== 'send' && each.kind !== 'close') continue;
      const bytes = each.kind === 'send' ? Buffer.from(each.bytes) : null;
      const end = this.#ends.get(`${side} ${each.link}`);
      if (end !== undefined) this.mail.push({ ...end, bytes });
    }
  }

  /** Delivers the oldest of what is on its way to one side. */
  deliver(side: 0 | 1): void {
    const at = this.mail.findIndex((each) => each.side === side);
    const [next] = at < 0 ? [] : this.mail.splice(at, 1);
    if (next === undefined) return;
    const { link, bytes } = next;
    const input = { kind: 'closed', link, reason: 'end' } as const;
    this.sides[side].input(bytes === null ? input : { kind: 'bytes', link, bytes });
    this.#collect(side);
  }

  dialAll(): void {
    for (const side of [0, 1] as const) {
      if (this.sides[side].router.diallers[1]?.phase === 'dialling') this.#connect(side);
    }
  }

  pass(ms: number): void {
    for (const side of [0, 1] as const) {
      this.sides[side].pass(ms);
      this.#collect(side);
    }
  }
}

test('two routers that dial each other at once end with one link, in whatever order', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = createRandom(seed);
    const pair = new Pair();
    for (let round = 0; round < 400; round++) {
      pair.dialAll();
      pair.deliver(nextRandom(random) < 0.5 ? 0 : 1);
      if (nextRandom(random) < 0.2) pair.pass(20);
    }
    while (pair.mail.length > 0) for (const side of [0, 1] as const) pair.deliver(side);
    for (const { router } of pair.sides) {
      assert.is(router.peers.size, 1, `seed ${seed}`);
      assert.is([...router.links.values()].filter(({ role }) => role !== 'builtin').length, 1);
      assert.is(router.diallers[1]?.phase, 'up');
    }
    const [a, b] = pair.sides.map((side) => [...side.router.peers.values()][0]?.isDialled);
    assert.is.not(a, b);
  }
});

test.run();
