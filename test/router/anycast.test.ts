import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { findNearest } from '../../src/router/anycast.ts';
import { recordOf, TestRouter } from './harness.ts';

function nearest(here: TestRouter, service: string, except?: number): string | undefined {
  return findNearest(here.router, serviceKeyOf(service), here.router.links.get(except ?? -1))
    ?.record.name;
}

function word(name: string, services: readonly string[], metric: number): object {
  return { record: recordOf(name, { services: [...services] }), metric };
}

test('the nearest node that has a service is the one with the fewest hops', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('far', ['mail'], 5), word('near', ['mail'], 1), word('mid', ['mail'], 3));
  assert.is(nearest(here, 'mail'), 'near');
  assert.is(nearest(here, 'print'), undefined);
});

test('of equally near ones it is always the same', () => {
  const names = ['x', 'y', 'z'];
  const found = [names, names.toReversed()].map((order) => {
    const here = new TestRouter();
    const a = here.child('a');
    for (const name of order) here.advertise(a, word(name, ['mail'], 1));
    return nearest(here, 'mail');
  });
  assert.is(found[0], found[1]);
});

test('when the nearest is lost, moves or gives up its service, the next one follows', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('one', ['mail'], 1), word('two', ['mail'], 2), word('three', ['mail'], 3));
  here.advertise(a, word('one', [], 1));
  assert.is(nearest(here, 'mail'), 'two');
  here.advertise(a, { record: recordOf('two', { services: ['mail'], seqno: 2 }), metric: 9 });
  assert.is(nearest(here, 'mail'), 'three');
  here.advertise(a, { key: nodeKeyOf('three') });
  assert.is(nearest(here, 'mail'), 'two');
  here.input({ kind: 'closed', link: a, reason: 'reset' });
  assert.is(nearest(here, 'mail'), undefined);
  assert.is(here.router.anycast.size, 0);
});

test('who asks from below is not sent back there', () => {
  const here = new TestRouter();
  const a = here.child('a');
  const b = here.child('b');
  here.advertise(a, word('one', ['mail'], 1));
  assert.is(nearest(here, 'mail', a), undefined);
  here.advertise(b, word('two', ['mail'], 7));
  assert.is(nearest(here, 'mail'), 'one');
  assert.is(nearest(here, 'mail', a), 'two');
});

test('a record that names a service twice has it once', () => {
  const here = new TestRouter();
  const a = here.child('a');
  here.advertise(a, word('n', ['mail', 'mail'], 1));
  here.advertise(a, word('n', [], 1));
  assert.is(nearest(here, 'mail'), undefined);
});

test.run();
