import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeAll, describeByName } from '../../src/services/census.ts';
import { FakeView } from './view.ts';

/** top - east (2 ms away) - web1. */
function createView(): FakeView {
  const view = new FakeView().add('east', 'top').add('web1', 'east');
  view.rtts.set('east', 2);
  return view;
}

test('a node is described by its record, its state and what was heard of it', () => {
  const heard = new Map([['web1', { rttMs: 3 }]]);
  assert.equal(describeByName(createView(), 'web1', heard), {
    name: 'web1',
    id: '0123456789abcdef',
    role: 'agent',
    parent: 'east',
    state: 'up',
    services: ['printer'],
    labels: {},
    version: '1.2.3',
    startedAtMs: 77,
    rttMs: 3,
    sample: null,
  });
});

test('round trips are to the parent: measured here for children, by them for others', () => {
  const view = createView();
  const lies = { rttMs: 99 };
  const heard = new Map(['east', 'web1', 'top'].map((name) => [name, lies]));
  view.uplink = 7;
  assert.is(describeByName(view, 'top', heard)?.rttMs, 7);
  assert.is(describeByName(view, 'east', heard)?.rttMs, 2);
  assert.is(describeByName(view, 'web1', heard)?.rttMs, 99);
  assert.is(describeByName(view, 'web1', new Map())?.rttMs, null);
});

test('a node that is lost is still there, and says so', () => {
  const view = createView().add('web2', 'east', 'lost');
  assert.is(describeByName(view, 'web2', new Map())?.state, 'lost');
});

test('who is not known has no status', () => {
  const heard = new Map([['stranger', { rttMs: 1 }]]);
  assert.is(describeByName(createView(), 'stranger', heard), undefined);
});

test('all are described once, the node itself first', () => {
  const names = describeAll(createView(), new Map()).map(({ name }) => name);
  assert.equal(names, ['top', 'east', 'web1']);
});

test('a node with flags says how many, and how urgent the worst is', () => {
  const view = createView();
  view.flags.set('web1', { count: 2, worst: 'error' });
  assert.equal(describeByName(view, 'web1', new Map())?.flags, { count: 2, worst: 'error' });
  assert.not('flags' in (describeByName(view, 'top', new Map()) ?? {}));
});

test.run();
