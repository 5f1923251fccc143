import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../src/protocol/status.ts';
import type { Model } from '../../src/tui/model.ts';
import { update } from '../../src/tui/update.ts';
import { modelOf, NOW_MS, namesOf, nodeOf, press, screenOf, smallRealm } from './nodes.ts';

function hear(model: Model, record: WatchRecord): void {
  update(model, { kind: 'record', record }, NOW_MS);
}

test('when the node under the cursor goes, the cursor keeps its place and its name is said', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'down', 'down');
  const place = namesOf(model).indexOf('>web2');
  hear(model, { type: 'gone', name: 'web1' });
  assert.not.match(screenOf(model), 'is gone');
  press(model, 'up', 'down');
  hear(model, { type: 'gone', name: 'web2' });
  assert.match(screenOf(model), 'web2 is gone');
  assert.is(
    namesOf(model).findIndex((name) => name.startsWith('>')),
    place - 1,
  );
  assert.not.match(screenOf(model, NOW_MS + 60_000), 'is gone');
});

test('of a node that went while the screen stood still it is said when it goes on', () => {
  const model = modelOf(smallRealm());
  press(model, 'down', 'p');
  hear(model, { type: 'gone', name: 'agent1' });
  assert.not.match(screenOf(model), 'is gone');
  press(model, 'p');
  assert.match(screenOf(model), 'agent1 is gone');
  hear(model, { type: 'snapshot', realm: 'demo', nodes: [nodeOf('root1', { role: 'root' })] });
  assert.match(screenOf(model), /(web|db|agent|a-host)\S* is gone/);
});

test.run();
