import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createTreeView } from '../../src/daemon/tree-view.ts';
import { recordOf } from '../services/view.ts';
import { quiet, Station } from './station.ts';

test('a view shows the router as it is now', async () => {
  const station = new Station();
  const view = createTreeView(station.router, () => undefined);
  assert.is(view.realm, 'test');
  assert.is(view.self().name, 'here');
  assert.equal([...view.nodes()], []);
  await station.program('clock');
  assert.equal(view.self().services, ['clock']);
  const child = await station.child('web1');
  assert.equal(
    [...view.nodes()].map(({ record, state }) => [record.name, record.parent, state]),
    [['web1', 'here', 'up']],
  );
  assert.is(view.find('web1')?.state, 'up');
  child.ours.abort('it is a test');
  await quiet();
  assert.is(view.find('web1')?.state, 'lost');
});

test('what a former run knew is lost, unless the router knows better', async () => {
  const station = new Station();
  await station.child('web1');
  const former = recordOf('web9', 'east');
  const findAway = (name: string) => (name === 'web9' ? former : undefined);
  const away = { away: () => [former], findAway };
  const view = createTreeView(station.router, () => undefined, away);
  const states = Array.from(view.nodes(), ({ record, state }) => [record.name, state]);
  assert.equal(states, [
    ['web1', 'up'],
    ['web9', 'lost'],
  ]);
  assert.equal(view.find('web9'), { record: former, state: 'lost' });
  assert.is(view.find('web1')?.state, 'up');
  assert.is(view.find('web2'), undefined);
});

test('who is not there is not found', () => {
  const view = createTreeView(new Station().router, () => undefined);
  assert.is(view.find('web1'), undefined);
  assert.is(view.find('here'), undefined);
  assert.is(view.rttMs('web1'), null);
  assert.is(view.uplinkRttMs(), null);
});

test('the round trip to a child is that of its link', async () => {
  const station = new Station();
  await station.child('web1');
  const view = createTreeView(station.router, () => undefined);
  assert.is(view.rttMs('web1'), null);
  for (const link of station.router.links.values()) if (link.role === 'child') link.rttMs = 3;
  assert.is(view.rttMs('web1'), 3);
});

test.run();
