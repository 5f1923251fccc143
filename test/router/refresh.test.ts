import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS, REFRESH_MS } from '../../src/protocol/limits.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import type { LinkId } from '../../src/router/io.ts';
import { frameOf, recordOf, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'] };

function word(name: string, metric: number, more: Partial<NodeRecord> = {}): object {
  return { record: recordOf(name, more), metric };
}

/** What was asked of a neighbour in the last moment: keys, and sequence numbers. */
function asked(here: TestRouter, link: LinkId): unknown[] {
  return here
    .sent(link)
    .filter(({ kind }) => kind === Kind.REFRESH)
    .flatMap(({ body }) => unpack(body) as unknown[]);
}

function ask(here: TestRouter, link: LinkId, ...words: unknown[]): void {
  here.bytes(link, frameOf({ kind: Kind.REFRESH }, undefined, pack(words)));
}

test('a way that got longer is not taken, and the node is asked for a new number', () => {
  const here = new TestRouter();
  const a = here.peer('a');
  here.advertise(a, word('n', 1));
  here.advertise(a, word('n', 2));
  assert.is(here.way('n'), undefined, 'it may lead back here');
  assert.equal(asked(here, a), [[nodeKeyOf('n'), 1, 2]]);
  here.advertise(a, word('n', 2, { seqno: 2 }));
  assert.is(here.way('n'), 'a');
  here.run(REFRESH_MS);
  assert.equal(asked(here, a), []);
});

test('a way no shorter than the one that was lost is not taken without a new number', () => {
  const here = new TestRouter();
  const [a, b] = [here.peer('a'), here.peer('b')];
  here.advertise(a, word('n', 1));
  here.advertise(b, word('n', 2));
  here.advertise(a, { key: nodeKeyOf('n') });
  assert.is(here.way('n'), undefined);
  assert.equal(asked(here, b), [[nodeKeyOf('n'), 1, 2]]);
});

test('a way that is not taken falls in at once when it is short enough', () => {
  const here = new TestRouter();
  const [a, b] = [here.peer('a'), here.peer('b')];
  here.advertise(a, word('n', 1));
  here.advertise(b, word('n', 1));
  here.advertise(a, { key: nodeKeyOf('n') });
  assert.is(here.way('n'), 'b');
  assert.equal(here.events('nodeLost'), []);
  here.input({ kind: 'closed', link: b, reason: 'reset' });
  assert.is(here.way('n'), undefined);
});

test('who has no answer asks again after a while, while it needs one', () => {
  const here = new TestRouter();
  const a = here.peer('a');
  here.advertise(a, word('n', 1));
  here.advertise(a, word('n', 2));
  here.run(REFRESH_MS - 1);
  assert.equal(asked(here, a), []);
  here.run(1);
  assert.is(asked(here, a).length, 1);
  here.advertise(a, { key: nodeKeyOf('n') });
  here.run(2 * REFRESH_MS);
  assert.equal(asked(here, a), []);
  assert.is(here.router.wants.size, 0);
});

test('a node that is asked for a newer number than it has raises it, and says so', () => {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  here.run(1_000);
  const { seqno } = here.router;
  const run = here.router.config.incarnation;
  ask(here, up, [here.router.key, run, seqno], [here.router.key, run - 1, seqno + 1]);
  assert.is(here.router.seqno, seqno, 'it has that one, or it was not asked');
  ask(here, up, [here.router.key, run, seqno + 1]);
  here.run(ADVERT_DELAY_MS);
  const [said] = here.adverts(up).flat() as { record: NodeRecord }[];
  assert.is(said?.record.seqno, seqno + 1);
});

test('what is asked of another node goes on to it, once, and never back', () => {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  const [a, b] = [here.peer('a'), here.peer('b')];
  here.advertise(a, word('n', 1));
  const want = [nodeKeyOf('n'), 1, 2];
  ask(here, up, want);
  assert.equal(asked(here, a), [want]);
  ask(here, b, want);
  assert.equal(asked(here, a), [], 'it was asked just now');
  here.run(REFRESH_MS);
  assert.is(here.router.wants.size, 0);
  ask(here, a, want);
  assert.equal([asked(here, a), asked(here, b)], [[], []]);
  ask(here, up, [nodeKeyOf('n'), 1, 1], [nodeKeyOf('unknown'), 1, 9]);
  assert.equal(asked(here, a), [], 'what is there, or unknown, is not asked for');
});

test('a refresh with a word that is none closes the link', () => {
  for (const words of [[1], [['x', 1, 1]], [[1, 1]], 5]) {
    const here = new TestRouter();
    const a = here.peer('a');
    here.bytes(a, frameOf({ kind: Kind.REFRESH }, undefined, pack(words)));
    assert.is(here.closed(a), 'E_FRAME_INVALID');
  }
});

test.run();
