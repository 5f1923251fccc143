import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import {
  ADVERT_DELAY_MS,
  ADVERT_RECORDS_MAX,
  FRAME_BYTES_MAX,
  NODES_MAX,
  SERVICES_PER_LINK_MAX,
} from '../../src/protocol/limits.ts';
import type { Advert } from '../../src/protocol/record.ts';
import { errorOf, frameOf, idOf, recordOf, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'] };

function word(name: string, metric = 0): Advert {
  return { record: recordOf(name), metric };
}

function namesOf(words: readonly unknown[]): string[] {
  return words.map((each) => (each as Advert).record?.name ?? 'gone');
}

test('a new parent hears of the node itself, then of all below, nearest first', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  here.advertise(child, word('deep', 1), word('mid', 0));
  const up = here.parent();
  here.run(ADVERT_DELAY_MS);
  const [words = [], ...more] = here.adverts(up);
  assert.is(more.length, 0);
  assert.equal(namesOf(words), ['here', 'child', 'mid', 'deep']);
  assert.equal(
    words.map((each) => (each as Advert).metric),
    [0, 1, 1, 2],
  );
});

test('a change goes up as one small frame, after a moment, and only once', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  for (let n = 0; n < 1_000; n++) here.advertise(child, word(`n${n}`));
  const up = here.parent();
  here.run(1_000);
  here.advertise(child, { record: recordOf('n7', { services: ['mail'] }), metric: 0 });
  assert.equal(here.slices(up), []);
  here.run(ADVERT_DELAY_MS);
  const [frame, ...more] = here.slices(up);
  assert.is(more.length, 0);
  assert.ok((frame?.length ?? 0) < 250, `${frame?.length} bytes`);
  assert.equal(namesOf(here.adverts(up)[0] ?? []), ['n7']);
  here.run(500);
  assert.equal(here.adverts(up), []);
});

test('changes of one moment go up together, the last word about each node', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  const up = here.parent();
  here.run(1_000);
  here.advertise(child, word('a'));
  here.pass(ADVERT_DELAY_MS - 1);
  here.advertise(child, word('b'), { key: nodeKeyOf('a') });
  here.pass(1);
  assert.equal(here.adverts(up), [
    [{ key: nodeKeyOf('a') }, { record: recordOf('b'), metric: 1, isAnew: true }],
  ]);
});

test('a way that broke and stands again within one moment is told as one that stands anew', () => {
  const here = new TestRouter('here', AGENT);
  here.child('child');
  const up = here.parent();
  here.run(1_000);
  here.child('child', { seqno: 2 });
  here.run(ADVERT_DELAY_MS);
  const words = here.adverts(up).flat() as Advert[];
  assert.equal(
    words.map(({ record, isAnew }) => [record.name, record.seqno, isAnew]),
    [['child', 2, true]],
  );
});

test('what stands anew further down is passed on as such, though nothing else is new', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  here.advertise(child, word('n'));
  const up = here.parent();
  here.run(1_000);
  here.advertise(child, { ...word('n'), isAnew: true });
  assert.equal(here.events('nodeChanged'), [], 'people see no change');
  here.run(ADVERT_DELAY_MS);
  assert.equal(here.adverts(up), [[{ record: recordOf('n'), metric: 1, isAnew: true }]]);
});

test('many records go up in several frames', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  const count = ADVERT_RECORDS_MAX * 2 + 10;
  here.advertise(child, ...Array.from({ length: count }, (_, n) => word(`n${n}`)));
  const up = here.parent();
  for (const size of [ADVERT_RECORDS_MAX, ADVERT_RECORDS_MAX, 12]) {
    here.run(ADVERT_DELAY_MS);
    assert.equal(
      here.adverts(up).map(({ length }) => length),
      [size],
    );
  }
  here.run(ADVERT_DELAY_MS);
  assert.equal(here.adverts(up), []);
});

test('a neighbour that does not keep up hears more once it does, of nodes as they are then', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  const count = ADVERT_RECORDS_MAX + 10;
  here.advertise(child, ...Array.from({ length: count }, (_, n) => word(`n${n}`)));
  const up = here.parent();
  here.run(ADVERT_DELAY_MS);
  const first = here.adverts(up).flat();
  here.input({ kind: 'congested', link: up, isCongested: true });
  const last = `n${count - 1}`;
  here.advertise(child, { key: nodeKeyOf(last) }, word('late'));
  here.run(10 * ADVERT_DELAY_MS);
  assert.equal(here.adverts(up), []);
  here.input({ kind: 'congested', link: up, isCongested: false });
  const rest = here.adverts(up).flat();
  assert.is(first.length + rest.length, count + 3);
  assert.equal(rest[0], { key: nodeKeyOf(last) }, 'it is not told of as if it were there');
  assert.equal(here.router.links.get(up)?.untold.size, 0);
});

test('records with very many services never make a frame that is too long', () => {
  const here = new TestRouter('here', AGENT);
  const child = here.child('child');
  const services = Array.from({ length: SERVICES_PER_LINK_MAX }, (_, n) => `${n}`.padEnd(63, 'x'));
  for (let n = 0; n < 60; n++) {
    here.advertise(child, { record: recordOf(`n${n}`, { services }), metric: 0 });
  }
  const up = here.parent();
  here.run(ADVERT_DELAY_MS);
  const frames = here.slices(up);
  assert.ok(frames.every(({ length }) => length < FRAME_BYTES_MAX));
  assert.is(here.adverts(up).flat().length, 62);
});

test('without a parent nothing is kept for one', () => {
  const here = new TestRouter();
  here.child('child');
  here.run(ADVERT_DELAY_MS);
  assert.is(here.router.dirty.size, 0);
});

test('a child that says it has us below it is in a loop, and is left', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.advertise(child, word('here'));
  assert.is(here.closed(child), 'E_LOOP');
  assert.is(errorOf(here.sent(child)[0])?.code, 'E_LOOP');
});

test('a body that is no list of words closes the link', () => {
  for (const body of [Buffer.from([0x05]), Buffer.alloc(0), Buffer.from([0xc1, 0xff])]) {
    const here = new TestRouter();
    const child = here.child('child');
    here.bytes(child, frameOf({ kind: Kind.ADVERT }, undefined, body));
    assert.is(here.closed(child), 'E_FRAME_INVALID');
  }
});

test('a word that is none closes the link, and what was said before it went with the link', () => {
  const here = new TestRouter();
  const child = here.child('child');
  here.advertise(child, word('a'), { record: { name: 'b' } }, word('c'));
  assert.is(here.closed(child), 'E_FRAME_INVALID');
  assert.is(here.way('a'), undefined);
  assert.is(here.router.nodes.has(nodeKeyOf('c')), false);
});

test('more nodes than one router may know are refused, by advert and by handshake', () => {
  const here = new TestRouter();
  const child = here.child('child');
  const records = Array.from({ length: NODES_MAX - 1 }, (_, n) => word(`n${n}`));
  for (let at = 0; at < records.length; at += 2_000) {
    here.advertise(child, ...records.slice(at, at + 2_000));
  }
  assert.is(here.router.nodes.size, NODES_MAX);
  here.advertise(child, { record: recordOf('n5', { services: ['mail'] }), metric: 0 });
  assert.is(here.closed(child), undefined, 'news of those that are known is welcome');
  const late = here.accept();
  here.bytes(late, MAGIC, here.hello(recordOf('late')));
  assert.is(here.closed(late), 'E_TOO_MANY_NODES');
  here.advertise(child, word('one-more'));
  assert.is(here.closed(child), 'E_TOO_MANY_NODES');
});

test('a record of our own name with our own id from a handshake is us', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('here', { id: idOf('here') })));
  assert.is(here.closed(link), 'E_LOOP');
});

test.run();
