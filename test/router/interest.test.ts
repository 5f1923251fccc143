import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Kind } from '../../src/protocol/frame.ts';
import {
  ADVERT_DELAY_MS,
  INTEREST_PATTERNS_MAX,
  TOPIC_MEMO_MAX,
  TOPICS_PER_NODE_MAX,
  WANTED_PATTERNS_MAX,
} from '../../src/protocol/limits.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';
import type { Advert } from '../../src/protocol/record.ts';
import { matchesTopic } from '../../src/protocol/topic.ts';
import { createWanted, findWanting, unwant, want } from '../../src/router/wanted.ts';
import { errorOf, frameOf, recordOf, TestRouter } from './harness.ts';

/** A node below tells which topics it wants now. */
function word(name: string, ...topics: string[]): object {
  return { record: recordOf(name, { topics }), metric: 0 };
}

/** What a child was told in the last moment: `+pattern` and `-pattern`. */
function told(here: TestRouter, child: number): string[] {
  const words = here
    .sent(child)
    .filter(({ kind }) => kind === Kind.INTEREST)
    .flatMap(({ body }) => unpack(body) as [string, boolean][]);
  return words.map(([pattern, isWanted]) => `${isWanted ? '+' : '-'}${pattern}`).sort();
}

function settle(here: TestRouter): void {
  here.run(ADVERT_DELAY_MS);
}

function subscribe(here: TestRouter, link: number, pattern: unknown): string | undefined {
  here.bytes(link, frameOf({ kind: Kind.SUBSCRIBE, number: 3 }, { pattern }));
  const answer = here.sent(link).find(({ kind }) => kind === Kind.REGISTERED);
  assert.is(answer?.number, 3);
  return errorOf(answer)?.code;
}

function unsubscribe(here: TestRouter, link: number, pattern: string): void {
  here.bytes(link, frameOf({ kind: Kind.UNSUBSCRIBE }, { pattern }));
}

test('what programs subscribe to is in the record of their node, until the last one leaves', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  here.run(1_000);
  const topics = (): unknown => {
    settle(here);
    return here.adverts(up).map(([each]) => (each as Advert).record.topics);
  };
  const [one, other] = [here.program(), here.program()];
  assert.is(subscribe(here, one.link, 'orders.*'), undefined);
  assert.equal(topics(), [['orders.*']]);
  assert.is(subscribe(here, other.link, 'orders.*'), undefined);
  assert.is(subscribe(here, other.link, 'orders.*'), undefined);
  assert.equal(topics(), []);
  unsubscribe(here, one.link, 'orders.*');
  assert.equal(topics(), []);
  here.input({ kind: 'closed', link: other.link, reason: 'killed' });
  assert.equal(topics(), [[]]);
  assert.is(here.router.wanted.links.size, 0);
});

test('what is no pattern is refused, and nobody gives back what another one wants', () => {
  const here = new TestRouter();
  const [one, other] = [here.program(), here.program()];
  for (const pattern of ['', 'a..b', 7, undefined]) {
    assert.is(subscribe(here, one.link, pattern), 'E_TOPIC_INVALID');
  }
  subscribe(here, one.link, 'a');
  unsubscribe(here, other.link, 'a');
  assert.equal(here.router.wanted.own.get('a'), 1);
});

test('one node has a bounded number of patterns, however many its programs', () => {
  const here = new TestRouter();
  const links = [here.program().link, here.program().link];
  for (let n = 0; n < TOPICS_PER_NODE_MAX; n++) {
    assert.is(subscribe(here, links[n % 2] ?? 0, `t.${n}`), undefined);
  }
  assert.is(subscribe(here, links[0] ?? 0, 'more'), 'E_TOO_MANY_TOPICS');
  assert.is(subscribe(here, links[0] ?? 0, 't.1'), undefined, 'a known one costs nothing');
  unsubscribe(here, links[0] ?? 0, 't.0');
  assert.is(subscribe(here, links[1] ?? 0, 'more'), undefined);
});

test('a child hears what others want: as long as one does, and never what only it wants', () => {
  const here = new TestRouter();
  const [a, b, c] = [here.child('a'), here.child('b'), here.child('c')];
  const all = (): string[][] => {
    settle(here);
    return [a, b, c].map((child) => told(here, child));
  };
  all();
  here.advertise(a, word('a', 'x'));
  assert.equal(all(), [[], ['+x'], ['+x']]);
  here.advertise(b, word('b', 'x'));
  assert.equal(all(), [['+x'], [], []]);
  here.advertise(b, word('b2', 'x'));
  here.advertise(c, word('c', 'x'));
  assert.equal(all(), [[], [], []]);
  here.advertise(b, word('b'));
  here.advertise(c, word('c'));
  assert.equal(all(), [[], [], []], 'another node below b wants it still');
  here.advertise(b, { key: nodeKeyOf('b2') });
  assert.equal(all(), [['-x'], [], []]);
  here.input({ kind: 'closed', link: a, reason: 'reset' });
  settle(here);
  assert.equal([told(here, b), told(here, c)], [['-x'], ['-x']]);
  assert.is(here.router.wanted.links.size, 0);
});

test('programs of this node and the parent are others too', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const a = here.child('a');
  const { link } = here.program();
  settle(here);
  subscribe(here, link, 'own');
  const words = pack([
    ['above', true],
    ['never', false],
  ]);
  here.bytes(up, frameOf({ kind: Kind.INTEREST }, undefined, words));
  settle(here);
  assert.equal(told(here, a), ['+above', '+own']);
  here.bytes(up, frameOf({ kind: Kind.INTEREST }, undefined, pack([['above', false]])));
  settle(here);
  assert.equal(told(here, a), ['-above']);
});

test('when the parent is gone, so is what it wanted', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const a = here.child('a');
  here.bytes(up, frameOf({ kind: Kind.INTEREST }, undefined, pack([['above', true]])));
  settle(here);
  here.input({ kind: 'closed', link: up, reason: 'reset' });
  settle(here);
  assert.equal(told(here, a), ['-above']);
});

test('a new child hears all at once, and an old one nothing of it', () => {
  const here = new TestRouter();
  const a = here.child('a', { topics: ['x', 'y'] });
  settle(here);
  assert.equal(told(here, a), []);
  const b = here.child('b', { topics: ['y'] });
  settle(here);
  assert.equal(told(here, b), ['+x', '+y']);
  assert.equal(told(here, a), ['+y']);
});

test('who changes his mind within a moment is not heard of', () => {
  const here = new TestRouter();
  const [a, b] = [here.child('a'), here.child('b')];
  settle(here);
  here.advertise(a, word('a', 'x'));
  here.advertise(a, word('a'));
  settle(here);
  assert.equal(told(here, b), []);
});

test('a subtree that comes again wants the same, and nobody is told', () => {
  const here = new TestRouter();
  const [a, b] = [here.child('a'), here.child('b')];
  here.advertise(a, word('a', 'x'));
  settle(here);
  here.advertise(a, { record: recordOf('a', { topics: ['x'], revision: 1, seqno: 2 }), metric: 0 });
  settle(here);
  assert.equal(told(here, b), []);
});

test('many patterns go in several frames', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  settle(here);
  const nodes = Math.ceil((INTEREST_PATTERNS_MAX + 1) / TOPICS_PER_NODE_MAX);
  for (let n = 0; n < nodes; n++) {
    const topics = Array.from({ length: TOPICS_PER_NODE_MAX }, (_, t) => `t.${n}.${t}`);
    here.advertise(a, word(`n${n}`, ...topics));
  }
  settle(here);
  const frames = here.sent(b).filter(({ kind }) => kind === Kind.INTEREST);
  assert.is(frames.length, 2);
  assert.is(told(here, b).length, nodes * TOPICS_PER_NODE_MAX);
});

test('who is told of too much passes all up, until the link ends', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const all = Array.from({ length: WANTED_PATTERNS_MAX }, (_, n) => [`t${n}`, true]);
  const tell = (words: unknown[]): void => {
    here.bytes(up, frameOf({ kind: Kind.INTEREST }, undefined, pack(words)));
  };
  for (let at = 0; at < all.length; at += 8_192) tell(all.slice(at, at + 8_192));
  const isWanted = (topic: string): boolean => findWanting(here.router.wanted, topic).length > 0;
  assert.not.ok(isWanted('other'));
  tell([['one.more', true]]);
  assert.ok(isWanted('other'));
  tell([['t1', false]]);
  assert.ok(isWanted('t1'));
  assert.is(here.router.links.get(up)?.topics.size, WANTED_PATTERNS_MAX + 1);
  here.input({ kind: 'closed', link: up, reason: 'reset' });
  assert.not.ok(isWanted('other'));
  assert.is(here.router.wanted.links.size, 0);
});

test('a word that is none ends the link, and so does one from below', () => {
  for (const body of [pack('x'), pack([7]), pack([['a', true], {}])]) {
    const here = new TestRouter('here', { parents: ['cd://parent:1'] });
    const up = here.parent();
    here.bytes(up, frameOf({ kind: Kind.INTEREST }, undefined, body));
    assert.is(here.closed(up), 'E_FRAME_INVALID');
  }
  const here = new TestRouter();
  const a = here.child('a');
  here.bytes(a, frameOf({ kind: Kind.INTEREST }, undefined, pack([])));
  assert.is(here.closed(a), 'E_FRAME_UNEXPECTED');
});

test('the links of a topic are those that want a pattern of it, whoever comes and goes', () => {
  const patterns = ['a', 'a.b', 'a.*', 'a.>', '*', '>', '*.b'];
  const topics = ['a', 'a.b', 'a.c', 'b', 'a.b.c'];
  const change = fc.record({
    isWanted: fc.boolean(),
    pattern: fc.constantFrom(...patterns),
    link: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
      const wanted = createWanted();
      const counts = new Map<string, number>();
      for (const { isWanted, pattern, link } of changes) {
        const key = `${pattern} ${link}`;
        const count = counts.get(key) ?? 0;
        counts.set(key, Math.max(0, count + (isWanted ? 1 : -1)));
        (isWanted ? want : unwant)(wanted, pattern, link);
        for (const topic of topics) {
          const expected = [1, 2, 3].filter((each) =>
            patterns.some((p) => matchesTopic(p, topic) && (counts.get(`${p} ${each}`) ?? 0) > 0),
          );
          assert.equal([...findWanting(wanted, topic)].sort(), expected, topic);
        }
      }
    }),
  );
});

test('what is remembered of topics is bounded', () => {
  const wanted = createWanted();
  want(wanted, '>', 1);
  for (let n = 0; n <= TOPIC_MEMO_MAX; n++) findWanting(wanted, `t.${n}`);
  assert.ok(wanted.memo.size <= TOPIC_MEMO_MAX);
  assert.equal(findWanting(wanted, 't.0'), [1]);
});

test.run();
