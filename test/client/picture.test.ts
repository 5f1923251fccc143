import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchPicture } from '../../src/client/picture.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');
await realm.start('web1', 'east', { role: 'leaf' });

test('a picture has every node with its figures', async () => {
  for (const via of ['root', 'east', 'web1']) {
    const { realm: name, nodes } = await fetchPicture({ home: realm.dir, via });
    assert.is(name, 'local');
    assert.equal(nodes.map((node) => node.name).sort(), ['east', 'root', 'web1']);
    for (const { sample } of nodes) assert.ok((sample?.cpus ?? 0) > 0);
  }
});

test('without a daemon there is no picture', async () => {
  const thrown = await fetchPicture({ home: realm.dir, via: 'web9' }).catch((error) => error);
  assert.instance(thrown, DagentError);
  assert.is(thrown.code, 'E_VIA_UNKNOWN');
});

test.after(() => realm.end());
test.run();
